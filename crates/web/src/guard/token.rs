//! Secrets and form tokens: a form proves that it came from our page by an HMAC only we can make.

use archive::Archive;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::frame::FormToken;

const LABEL: &[u8] = b"holdfast form token 1\0";

/// 256 random bits that only one browser has; kept here only as their SHA-256.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Draws a new one.
    pub fn new() -> Self {
        Self(random())
    }

    /// Reads the form a cookie carries; anything but 32 bytes in base64url is refused.
    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The form a cookie carries.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What may be stored: a reader of the table cannot sign in with it.
    pub fn key(&self) -> SecretKey {
        SecretKey(Sha256::digest(self.0).into())
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

/// The SHA-256 of a secret, by which it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// The digest itself, as it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The key under which form tokens are made; a new one makes every open form stale.
pub struct FormKey([u8; 32]);

impl FormKey {
    /// Draws a new one.
    pub fn new() -> Self {
        Self(random())
    }

    /// The key that every server of this archive has: the next form may reach another one, or this one after a restart.
    ///
    /// Without the signing keys, where nothing can be recorded anyway, it is a new one that only this server has.
    pub fn of(archive: &Archive) -> Self {
        archive
            .derive_secret("web form token")
            .map_or_else(Self::new, Self)
    }

    fn code(&self, bound_to: SecretKey) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(LABEL);
        mac.update(&bound_to.0);
        mac.finalize().into_bytes().into()
    }

    /// Makes a token for this sign-in, masked afresh, because a compressed page would leak a constant one.
    pub fn token(&self, bound_to: SecretKey) -> FormToken {
        let mask: [u8; 32] = random();
        let mut bytes = [0; 64];
        let (first, second) = bytes.split_at_mut(32);
        first.copy_from_slice(&mask);
        second.copy_from_slice(&xor(mask, self.code(bound_to)));
        FormToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Says whether the token was made by us for this sign-in, in the same time whatever it says.
    pub fn accepts(&self, bound_to: SecretKey, token: &str) -> bool {
        let Ok(Ok(bytes)) = URL_SAFE_NO_PAD.decode(token).map(<[u8; 64]>::try_from) else {
            return false;
        };
        let (mut mask, mut masked) = ([0; 32], [0; 32]);
        mask.copy_from_slice(&bytes[..32]);
        masked.copy_from_slice(&bytes[32..]);
        xor(mask, masked).ct_eq(&self.code(bound_to)).into()
    }
}

impl Default for FormKey {
    fn default() -> Self {
        Self::new()
    }
}

/// A short number that ties an error page to a line in the operator's report.
pub(crate) fn report_number() -> String {
    let [a, b, c, d, ..] = random();
    format!("{a:02x}{b:02x}-{c:02x}{d:02x}")
}

fn xor(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| a[at] ^ b[at])
}

pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_sign_in_and_no_other() {
        let (key, mine, yours) = (FormKey::new(), Secret::new().key(), Secret::new().key());
        let token = key.token(mine).0;
        assert!(key.accepts(mine, &token));
        assert!(!key.accepts(yours, &token));
        assert!(!FormKey::new().accepts(mine, &token));
    }

    #[test]
    fn no_two_tokens_of_one_sign_in_look_alike() {
        let (key, mine) = (FormKey::new(), Secret::new().key());
        let (one, two) = (key.token(mine).0, key.token(mine).0);
        assert_ne!(one, two);
        assert!(key.accepts(mine, &one) && key.accepts(mine, &two));
    }

    #[test]
    fn a_changed_or_short_token_is_refused() {
        let (key, mine) = (FormKey::new(), Secret::new().key());
        let token = key.token(mine).0;
        for at in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(
                !key.accepts(mine, std::str::from_utf8(&bytes).unwrap()),
                "byte {at}"
            );
        }
        assert!(
            !key.accepts(mine, "")
                && !key.accepts(mine, token.split_at(4).1)
                && !key.accepts(mine, "ü")
        );
    }

    #[test]
    fn a_secret_survives_its_cookie_and_is_stored_hashed() {
        let secret = Secret::new();
        let back = Secret::from_text(&secret.text()).unwrap();
        assert_eq!(secret.key(), back.key());
        assert_ne!(secret.key().0, secret.0);
        assert!(Secret::from_text("short").is_none());
    }
}
