//! A program that runs in the background and never outlives whoever started it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::wait_for;
use crate::tools::output;

/// Starts the program, says its number, and waits for the name of the signal that ends it.
/// The pipe also closes when the owner dies, even by SIGKILL: then nobody is left to tidy,
/// and the shell ends the program and removes its folder.
const KEEPER: &str = r#"
log=$1 folder=$2 farewell=$3
shift 3
"$@" < /dev/null >> "$log" 2>&1 &
pid=$!
echo "$pid"
if read -r signal; then
  kill -s "$signal" "$pid"
  wait "$pid"
else
  kill -s "$farewell" "$pid"
  wait "$pid"
  rm -rf -- "$folder"
fi
"#;

/// Another account of this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

/// The account to use for a program that refuses to run as root; none where we are not root.
pub(super) fn ordinary(name: &str) -> Result<Option<Account>, String> {
    let me = std::fs::metadata("/proc/self").map_err(|error| format!("No /proc: {error}"))?;
    if me.uid() != 0 {
        return Ok(None);
    }
    let number = |option: &str| {
        let said = output(Command::new("id").args([option, name]))?;
        said.trim()
            .parse()
            .map_err(|error| format!("id {option} {name} said {said}: {error}"))
    };
    Ok(Some(Account {
        user: number("-u")?,
        group: number("-g")?,
    }))
}

/// Lets a command run under another account, with none of our further groups.
pub(super) fn under(account: Option<Account>, command: &mut Command) -> &mut Command {
    match account {
        Some(account) => command.uid(account.user).gid(account.group),
        None => command,
    }
}

/// What to start.
#[derive(Debug)]
pub(super) struct Program<'a> {
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    /// Where what it prints is appended.
    pub(super) log: &'a Path,
    /// Its folder, removed when we die first.
    pub(super) folder: &'a Path,
    /// The signal that ends it then.
    pub(super) farewell: &'a str,
    pub(super) account: Option<Account>,
}

/// A running program; dropped, it is killed.
#[derive(Debug)]
pub(super) struct Process {
    keeper: Child,
    pid: u32,
}

impl Process {
    pub(super) fn start(program: &Program<'_>) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]);
        command.arg(program.log).arg(program.folder);
        command.arg(program.farewell).args(&program.words);
        command
            .current_dir(program.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal is for us; the shell learns of it from the pipe.
            .process_group(0);
        let mut keeper = under(program.account, &mut command)
            .spawn()
            .map_err(|error| format!("Cannot start a shell: {error}"))?;
        let mut said = String::new();
        if let Some(pipe) = keeper.stdout.take() {
            BufReader::new(pipe).read_line(&mut said).ok();
        }
        let pid = said
            .trim()
            .parse()
            .map_err(|error| format!("{:?} did not start: {error}", program.words))?;
        Ok(Self { keeper, pid })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Tells whether the program still runs.
    pub(super) fn runs(&self) -> bool {
        is_running(self.pid)
    }

    /// Sends the signal and returns when the program is gone.
    pub(super) fn end(&mut self, signal: &str) {
        if let Some(mut pipe) = self.keeper.stdin.take() {
            writeln!(pipe, "{signal}").ok(); // a keeper that is gone has ended its program
            self.keeper.wait().ok();
        }
    }

    /// Kills the program and every process it started, all in the same state.
    pub(super) fn kill_family(&mut self) -> Result<(), String> {
        // Stopped, it starts no further child and buries none: the numbers stay theirs.
        signal("STOP", &[self.pid])?;
        let children = children(self.pid);
        signal("KILL", &[&children[..], &[self.pid]].concat())?;
        self.end("KILL");
        gone(&children)
    }

    /// Ends the program with its own signal for that, and its children with it.
    pub(super) fn end_family(&mut self, signal: &str) -> Result<(), String> {
        let children = children(self.pid);
        self.end(signal);
        gone(&children)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end("KILL");
    }
}

/// Tells whether a process runs; one that ended and waits to be buried does not.
pub fn is_running(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// Lists the processes that this one started and that still run.
pub(super) fn children(pid: u32) -> Vec<u32> {
    let Ok(listed) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    listed
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|child| stat(*child).is_some_and(|(_, parent)| parent == pid))
        .collect()
}

/// The state of a process and its parent.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

fn signal(name: &str, pids: &[u32]) -> Result<(), String> {
    let mut command = Command::new("sh");
    command.args(["-c", "kill -s \"$0\" \"$@\"", name]);
    command.args(pids.iter().map(u32::to_string));
    output(&mut command).map(drop)
}

fn gone(pids: &[u32]) -> Result<(), String> {
    wait_for(|| match pids.iter().find(|pid| is_running(**pid)) {
        Some(pid) => Err(format!("process {pid} still runs")),
        None => Ok(()),
    })
}
