//! How to check, with our program and without it.

use super::{Page, push, safe};

pub(super) fn steps(page: &Page<'_>, out: &mut String) {
    push(out, "<h2>How to check</h2>");
    let folder = format!("dossier-{}", safe(&page.about.dossier));
    push(
        out,
        &format!(
            "<p>All commands below are for the unpacked folder, <code>{folder}</code>; <code>policy.txt</code> is the \
             policy that the sender gave you by another way. If you hold the dossier as one file ending in \
             <code>.tar</code>, name that file instead in the first two.</p>"
        ),
    );
    let roots = if page.stamps.is_empty() {
        ""
    } else {
        " --tsa-root root.pem"
    };
    push(out, "<h3>With Holdfast</h3>");
    push(
        out,
        "<p>In the folder that holds the dossier and <code>policy.txt</code>:</p>",
    );
    push(
        out,
        &format!("<pre>holdfast verify {folder} --policy policy.txt{roots}</pre>"),
    );
    push(out, "<h3>With one Python file</h3>");
    push(
        out,
        "<p>The same checks, written a second time by the public description of the format alone \
         (<code>verifiers/python</code> in Holdfast’s source; it needs the Python package <code>cryptography</code>):</p>",
    );
    push(
        out,
        &format!("<pre>python3 holdfast_verify.py {folder} --policy policy.txt</pre>"),
    );
    by_hand(page, &folder, out);
}

/// Every step once more, with common programs.
fn by_hand(page: &Page<'_>, folder: &str, out: &mut String) {
    push(out, "<h3>Without Holdfast</h3>");
    push(
        out,
        &format!(
            "<p>Each step uses a public standard and common programs. Run the commands inside <code>{folder}</code>, \
             where <code>bagit.txt</code> is.</p>\n<ol>"
        ),
    );
    step(
        out,
        "The files are those that were listed. These commands must print nothing:",
        &[
            "sha256sum -c --quiet manifest-sha256.txt",
            "sha512sum -c --quiet manifest-sha512.txt",
            "sha256sum -c --quiet tagmanifest-sha256.txt",
            "sha512sum -c --quiet tagmanifest-sha512.txt",
        ],
    );
    step(
        out,
        "No file is missing or extra (BagIt, RFC 8493), with the Python package <code>bagit</code>. It must print nothing:",
        &["bagit.py --quiet --validate ."],
    );
    stamps(page, out);
    step(
        out,
        "Each file under <code>data/log/entries</code> is signed by the archive (SD-JWT, RFC 9901; Ed25519). The \
         public key is the field <code>keys.entry</code> of entry 0. Any SD-JWT library checks the signature and \
         shows the fields. Some libraries drop an altered field in silence: make sure that the digest of every \
         part between two <code>~</code> stands in <code>_sd</code>.",
        &[],
    );
    step(
        out,
        "Each entry is in the log (C2SP tlog-proof). What is proven is the text of the entry before its first \
         <code>~</code>; the proof of entry N is <code>data/log/proofs/N.tlog-proof</code>. It must lead to \
         <code>data/log/checkpoint</code>, signed by the log key of the policy.",
        &[],
    );
    step(
        out,
        &format!(
            "Entry {} seals this dossier. Its field <code>contents</code> lists each item, its folder, its last entry \
             and the entries withheld. The field <code>digests</code> of an item’s first entry must be those of its \
             file.",
            page.sealed
        ),
        &[],
    );
    push(out, "</ol>");
}

fn stamps(page: &Page<'_>, out: &mut String) {
    if page.stamps.is_empty() {
        return;
    }
    let commands: Vec<String> = (1_u64..)
        .zip(&page.stamps)
        .map(|(k, stamp)| {
            let more = if stamp.certificates {
                format!(" -untrusted data/log/tsa.{k}.pem")
            } else {
                String::new()
            };
            format!("openssl ts -verify -data data/log/checkpoint -in data/log/checkpoint.{k}.tsr -CAfile ../root.pem{more}")
        })
        .collect();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    step(
        out,
        "The time-stamps (RFC 3161) are over the checkpoint; <code>root.pem</code> is the authority’s root \
         certificate, got from the authority itself and kept outside the dossier’s folder, beside <code>policy.txt</code>. Each must print <code>Verification: OK</code>:",
        &commands,
    );
}

fn step(out: &mut String, text: &str, commands: &[&str]) {
    push(out, &format!("<li>{text}"));
    if !commands.is_empty() {
        push(out, &format!("<pre>{}</pre>", commands.join("\n")));
    }
    push(out, "</li>");
}
