//! Who tries to sign in, for counting failed tries: the name that is tried, or a browser that was signed in under it.
//!
//! A browser that has signed in since it was opened has a count of its own, so that whoever guesses at a name from
//! elsewhere cannot slow down the person who works under it. The source of a connection says nothing: behind a
//! front or an onion service all of them come from one place, and what a front claims is not believed.

use archive::Archive;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::guard::token::random;

/// Makes and knows the marks of browsers that have signed in; every server of an archive knows those of the others.
pub struct Browsers([u8; 32]);

impl Browsers {
    /// With the key that every server of this archive has.
    pub fn of(archive: &Archive) -> Self {
        let key = archive.derive_secret("web browser that signed in");
        Self(key.unwrap_or_else(random))
    }

    /// A mark for a browser that just signed in under a name, as a cookie carries it.
    pub fn mark(&self, name: &str) -> String {
        let drawn: [u8; 32] = random();
        let mut bytes = drawn.to_vec();
        bytes.extend(self.code(b"mark", &drawn, name));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The count that a try under this name belongs to: the browser's own if its mark is ours, or else the name's.
    ///
    /// Neither can be turned back into the name: somebody may have typed a passphrase there.
    pub fn counter(&self, name: &str, mark: Option<&str>) -> [u8; 32] {
        let marked = mark.and_then(|mark| self.known(name, mark));
        match marked {
            Some(drawn) => self.code(b"browser", &drawn, name),
            None => self.code(b"name", &[], name),
        }
    }

    fn known(&self, name: &str, mark: &str) -> Option<[u8; 32]> {
        let bytes = URL_SAFE_NO_PAD.decode(mark).ok()?;
        let (drawn, code) = bytes.split_first_chunk::<32>()?;
        let mac = self.mac(b"mark", drawn, name);
        mac.verify_slice(code).ok().map(|()| *drawn)
    }

    fn code(&self, what: &[u8], drawn: &[u8], name: &str) -> [u8; 32] {
        self.mac(what, drawn, name).finalize().into_bytes().into()
    }

    fn mac(&self, what: &[u8], drawn: &[u8], name: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(what);
        mac.update(b"\0");
        mac.update(drawn);
        mac.update(name.as_bytes());
        mac
    }
}
