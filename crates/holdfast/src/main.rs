//! The `holdfast` program: the command line, and the wiring of everything else.

mod cli;
mod commands;
mod demo;
mod exit;
mod out;
mod stop;
mod stores;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::read(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let out = std::sync::Arc::new(out::Out::new(cli.json));
    let exit = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli, &out)),
        Err(e) => {
            out.error(
                exit::Exit::Failed as u8,
                &format!("The program cannot start its threads: {e}"),
                Some("Free some memory and try again"),
            );
            exit::Exit::Failed
        }
    };
    out.end(exit).into()
}
