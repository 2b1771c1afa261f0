//! What every request needs: the archive, where we listen, who is signed in, the key of the form tokens, the clock.

use std::sync::Arc;
use std::time::SystemTime;

use archive::Archive;
use tokio::sync::Semaphore;

use crate::guard::origin::Origins;
use crate::guard::sessions::Sessions;
use crate::guard::token::FormKey;
use crate::guard::tries::Browsers;
use crate::pages::probe::Ready;

/// How people reach us, which decides what a cookie may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Plain http on this machine only.
    Loopback,
    /// https, or an onion address in Tor Browser, which treats it as secure.
    Secure,
}

/// What the outside gives the pages.
#[derive(Clone)]
pub struct App {
    /// What is shown and added to.
    pub archive: Archive,
    /// How people reach us.
    pub listener: Listener,
    /// The addresses that are ours.
    pub origins: Arc<Origins>,
    /// Who is signed in.
    pub sessions: Sessions,
    /// The key of the form tokens.
    pub form_key: Arc<FormKey>,
    /// Which browsers have signed in, for counting tries.
    pub browsers: Arc<Browsers>,
    /// Tells the time; tests jump it.
    pub now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Hears the report number of a request that broke, so that an operator can find it.
    pub on_broken: Arc<dyn Fn(&str) + Send + Sync>,
    /// The most bytes one sending of files may hold.
    pub upload_limit: u64,
    /// How much of what is dear runs at once.
    pub lanes: Arc<Lanes>,
    /// Whether the database answered when it was last asked.
    pub ready: Arc<Ready>,
}

impl App {
    /// Takes an archive and the addresses it is reached at; everything else is as it is for people.
    pub fn new(archive: Archive, listener: Listener, origins: Origins) -> Self {
        let clock = archive.clone();
        Self {
            sessions: Sessions::new(archive.clone()),
            form_key: Arc::new(FormKey::of(&archive)),
            browsers: Arc::new(Browsers::of(&archive)),
            archive,
            listener,
            origins: Arc::new(origins),
            now: Arc::new(move || crate::guard::sessions::time(clock.now().micros())),
            on_broken: Arc::new(|_id| {}),
            upload_limit: UPLOAD_LIMIT,
            lanes: Arc::new(Lanes::default()),
            ready: Arc::new(Ready::default()),
        }
    }
}

/// The most bytes one sending of files may hold, unless somebody says otherwise.
pub const UPLOAD_LIMIT: u64 = 2 << 30;

/// How much of what is dear runs at once.
#[derive(Debug)]
pub struct Lanes {
    /// Passphrases being compared: 64 MiB each.
    pub sign_ins: Semaphore,
    /// Checks of log or originals: each reads all of it.
    pub checks: Semaphore,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            sign_ins: Semaphore::new(10),
            checks: Semaphore::new(1),
        }
    }
}
