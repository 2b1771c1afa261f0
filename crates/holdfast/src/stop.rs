//! Ctrl-C: the first finishes what is under way, the second stops at once; both are safe.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A flag that Ctrl-C sets, and so does a plain `kill`.
pub(crate) fn on_ctrl_c(json: bool) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    // Without a handler the system ends the program at once, which is safe as well.
    if let (Ok(interrupt), Ok(terminate)) = (interrupt, terminate) {
        tokio::spawn(listen(interrupt, terminate, flag, json));
    }
    stop
}

async fn listen(mut interrupt: Signal, mut terminate: Signal, stop: Arc<AtomicBool>, json: bool) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if stop.swap(true, Ordering::Relaxed) {
            at_once(json);
        }
        drop(
            std::io::stderr().write_all(
                b"\nfinishing what is under way; again to stop at once (safe as well)\n",
            ),
        );
    }
}

#[expect(
    clippy::exit,
    reason = "the person asked twice; everything acknowledged is on the disk"
)]
fn at_once(json: bool) -> ! {
    // The output may be what everything waits for: it gets a moment, not more.
    let done = Arc::new(AtomicBool::new(false));
    let said = Arc::clone(&done);
    std::thread::spawn(move || {
        // Held to the end of the program, so that no line comes after the last.
        let mut out = std::io::stdout().lock();
        if json {
            let line =
                serde_json::json!({ "v": 1, "type": "summary", "exit": 130, "stopped": true });
            drop(writeln!(out, "{line}"));
        }
        drop(std::io::stderr().write_all(
            b"Stopped at once. Nothing acknowledged is lost; run the same command to go on.\n",
        ));
        said.store(true, Ordering::Relaxed);
        loop {
            std::thread::park();
        }
    });
    let end = std::time::Instant::now() + Duration::from_millis(500);
    while !done.load(Ordering::Relaxed) && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::process::exit(130)
}
