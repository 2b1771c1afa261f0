//! From the signing certificate to a root given from outside.

use jiff::Timestamp;

use super::StampError;
use super::certificate::Certificate;

/// The most authorities between signer and root.
const MAX_DEPTH: usize = 6;

/// The most signatures that are tried: a token with many namesakes must not cost hours.
const MAX_TRIES: usize = 200;

/// Guarantees a chain from the signer to a root, each part valid at that time.
pub(super) fn prove(
    signer: &Certificate,
    others: &[Certificate],
    roots: &[Certificate],
    time: Timestamp,
) -> Result<(), StampError> {
    let mut search = Search {
        others,
        roots,
        time,
        tries: 0,
        expired: None,
    };
    if search.reaches(signer, 0) {
        return Ok(());
    }
    Err(search
        .expired
        .unwrap_or_else(|| StampError::NoChain(signer.subject())))
}

struct Search<'c> {
    others: &'c [Certificate],
    roots: &'c [Certificate],
    time: Timestamp,
    tries: usize,
    /// The clearest reason for a failure: the chain is there, but not at that time.
    expired: Option<StampError>,
}

impl<'c> Search<'c> {
    fn reaches(&mut self, certificate: &'c Certificate, below: usize) -> bool {
        if self
            .roots
            .iter()
            .any(|root| root.der() == certificate.der())
        {
            return true;
        }
        let (roots, others) = (self.roots, self.others);
        if roots
            .iter()
            .any(|root| self.is_issuer(root, certificate, below))
        {
            return true;
        }
        below < MAX_DEPTH
            && others.iter().any(|other| {
                other != certificate
                    && self.is_issuer(other, certificate, below)
                    && self.reaches(other, below + 1)
            })
    }

    fn is_issuer(&mut self, issuer: &Certificate, issued: &Certificate, below: usize) -> bool {
        if !issued.is_issued_by(issuer) || self.tries >= MAX_TRIES {
            return false;
        }
        self.tries += 1;
        if issuer.may_issue(below) != Ok(true) || issued.require_signed_by(issuer).is_err() {
            return false;
        }
        match issuer.require_valid(self.time) {
            Ok(()) => true,
            Err(expired) => {
                self.expired = Some(expired);
                false
            }
        }
    }
}
