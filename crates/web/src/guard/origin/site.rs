//! The addresses of a site behind a front, as somebody types them: brought into the form browsers send, or refused.

use std::net::IpAddr;

use super::Origins;

/// One address: where browsers find it, and whether the way there is encrypted.
struct Site {
    text: String,
    encrypts: bool,
}

impl Origins {
    /// Reads the addresses of a site that a front encrypts: https, or http to an onion service.
    ///
    /// An address of this machine itself (`http://localhost:8420`) may stand beside them, never alone.
    /// The error is a sentence that names the address, without a full stop.
    pub fn of_site(texts: &[String]) -> Result<Self, String> {
        let sites: Vec<Site> = texts
            .iter()
            .map(|text| site(text))
            .collect::<Result<_, _>>()?;
        if !sites.iter().any(|site| site.encrypts) {
            return Err("No https or onion address is among the addresses of the site".to_owned());
        }
        Ok(Self::new(sites.into_iter().map(|site| site.text)))
    }
}

fn site(text: &str) -> Result<Site, String> {
    let wrong = |why: &str| Err(format!("{text:?} is no address of a site: {why}"));
    let lower = text.trim().to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once("://") else {
        return wrong("it begins with neither https:// nor http://");
    };
    let usual = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return wrong("it begins with neither https:// nor http://"),
    };
    // browsers show a slash after it, which is no part of it
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if !authority.is_ascii() {
        return wrong("write the name as browsers send it, beginning with xn--");
    }
    let Some((host, port)) = host_and_port(authority) else {
        return wrong("after the scheme comes a name, or a name and a port, and nothing else");
    };
    let is_onion = is_onion(host);
    if scheme == "http" && !is_onion && !is_here(host) {
        return wrong("without https only an onion service is encrypted on its way");
    }
    let port = match port {
        Some(port) if port != usual => format!(":{port}"),
        _ => String::new(),
    };
    Ok(Site {
        text: format!("{scheme}://{host}{port}"),
        encrypts: scheme == "https" || is_onion,
    })
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        // the colons of an IPv6 address are inside its brackets
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        None => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port != 0)?)
        }
        Some(_) => return None,
    };
    is_host(host).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    if let Some(inside) = bracketed(host) {
        return inside.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let fits = |label: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(plain)
    };
    host.len() <= 253 && host.split('.').all(fits)
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

fn is_onion(host: &str) -> bool {
    host.strip_suffix(".onion")
        .is_some_and(|name| !name.is_empty())
}

/// Says whether a browser means its own machine by this name.
fn is_here(host: &str) -> bool {
    let ip: Option<IpAddr> = bracketed(host).unwrap_or(host).parse().ok();
    host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<Vec<String>, String> {
        let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
        Origins::of_site(&texts).map(|origins| origins.all().to_vec())
    }

    #[test]
    fn an_address_is_kept_as_browsers_send_it() {
        for (typed, kept) in [
            ("https://archive.example", "https://archive.example"),
            ("HTTPS://Archive.Example/", "https://archive.example"),
            ("https://archive.example:443", "https://archive.example"),
            (
                "https://archive.example:8443",
                "https://archive.example:8443",
            ),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("http://abcdef.onion:80", "http://abcdef.onion"),
        ] {
            assert_eq!(read(&[typed]), Ok(vec![kept.to_owned()]), "{typed}");
        }
    }

    #[test]
    fn an_address_that_is_not_encrypted_or_not_an_origin_is_refused() {
        for bad in [
            "",
            "archive.example",
            "http://archive.example",
            "http://10.0.0.5:8420",
            "http://onion",
            "http://.onion",
            "http://x.onion.example",
            "ftp://archive.example",
            "https://",
            "https:///",
            "https://archive.example/path",
            "https://archive.example//",
            "https://user@archive.example",
            "https://archive.example?x",
            "https://archive.example#x",
            "https://archive..example",
            "https://archive.example:",
            "https://archive.example:0",
            "https://archive.example:65536",
            "https://archive.example:+80",
            "https://архив.example",
            "https://a b.example",
            "https://[::1",
            "https://*.example",
        ] {
            assert!(read(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn this_machine_may_stand_beside_a_site_and_never_alone() {
        assert!(read(&["http://localhost:8420"]).is_err());
        assert!(read(&[]).is_err());
        let both = read(&["https://archive.example", "http://127.0.0.1:8420"]);
        assert_eq!(both.map(|all| all.len()), Ok(2));
    }
}
