#!/usr/bin/env python3
"""Checks a Holdfast dossier without any Holdfast program.

Written from docs/format.md, version 1, and the public standards that page names; a section sign (§) below means
that page. Needs Python 3.11 and the package `cryptography` (Ed25519 only). Nothing is unpacked, nothing is fetched.
Usage: holdfast_verify.py DOSSIER [--policy FILE]        Exit: 0 good, 6 not good, 2 wrong use
"""
import argparse, base64, contextlib, hashlib, json, os, re, stat, sys, tarfile
from collections import namedtuple
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NUMBER = "(?:0|[1-9][0-9]{0,15})"
TAG_FILES = {"bagit.txt", "bag-info.txt"} | {f"{m}-{a}.txt" for m in ("manifest", "tagmanifest") for a in ("sha256", "sha512")}
LAYOUT = re.compile(rf"data/(?:ro-crate-metadata\.json|index\.html|evidence/[0-9a-z]{{12}}/content|log/(?:checkpoint|"
                    rf"checkpoint\.{NUMBER}\.tsr|tsa\.{NUMBER}\.pem|entries/{NUMBER}\.(?:sd-jwt|jws)|proofs/{NUMBER}\.tlog-proof))")
KEPT_BYTES = 64 * 2**20  # evidence is only hashed; a larger file of any other sort is refused
File = namedtuple("File", "sha256 sha512 length raw")
Key = namedtuple("Key", "name id raw")
Entry = namedtuple("Entry", "index leaf header payload record fields shown")


class Fault(Exception):
    """One reason, by name, why the dossier is not good."""


class Report:
    """What is proven, asserted and missing (§9), and every fault found."""

    def __init__(self):
        self.proven, self.asserted, self.missing, self.unproven, self.faults = [], [], [], [], []
        self.in_part = False

    @contextlib.contextmanager
    def about(self, where):
        """Keeps a fault and goes on, so that all of them are found in one run."""
        try:
            yield
        except Fault as fault:
            self.faults.append((fault.args[0], where, fault.args[1]))


def need(condition, name, why):
    if not condition:
        raise Fault(name, why)


# --- §1 Bytes and text ------------------------------------------------------------------------------------------------
def unbase64(text, url=True):
    """Decodes base64url without padding, or base64 with it; encoding again must give the same text."""
    alphabet = b"-_" if url else b"+/"
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4 if url else 0), alphabet, validate=True)
    except ValueError:
        raise Fault("base64-invalid", "This is not base64 text") from None
    again = base64.b64encode(raw, alphabet).decode()
    need((again.rstrip("=") if url else again) == text, "base64-invalid", "The base64 text has a second reading")
    return raw


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def strict_json(raw):
    """Reads strict JSON: no duplicate names, only integers below 2^53, at most 16 levels."""
    def whole(digits):
        need(len(digits) <= 17 and abs(int(digits)) < 2**53, "json-number", "A number is too big")
        return int(digits)

    def refuse(text):
        raise Fault("json-number", f"{text[:20]} is not an integer")

    def once(pairs):
        need(len(dict(pairs)) == len(pairs), "json-duplicate-name", "A member name stands twice in one object")
        return dict(pairs)

    try:
        value = json.loads(raw.decode(), object_pairs_hook=once, parse_int=whole, parse_float=refuse, parse_constant=refuse)
        need(depth(value) <= 16, "json-too-deep", "The JSON has more than 16 levels")
        json.dumps(value, ensure_ascii=False).encode()  # fails on half of a surrogate pair, which no UTF-8 text can hold
    except RecursionError:
        raise Fault("json-too-deep", "The JSON has far more than 16 levels") from None
    except ValueError:
        raise Fault("json-invalid", "This is not strict JSON") from None
    return value


def sha256(raw):
    return hashlib.sha256(raw).digest()


# --- Ed25519 (RFC 8032), signed notes and policies (C2SP) -------------------------------------------------------------
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def weak_point(raw):
    """Says whether 32 bytes name a point of small order (§2): y = 0, 1, -1, or a y whose double has y = 0."""
    y = int.from_bytes(raw, "little") % 2**255
    return y >= P or y in (0, 1, P - 1) or (D * y**4 + 2 * y * y - 1) % P == 0


def good_signature(key, signature, message):
    if len(key) != 32 or len(signature) != 64 or weak_point(key) or weak_point(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)  # also refuses s ≥ the group order
        return True
    except (InvalidSignature, ValueError):
        return False


def verifier_key(text, sort):
    """Reads `name+id+key` (signed-note); `sort` is 1 for a log and 4 for a witness."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and parts[0], "key-form", "A verifier key is not name+id+key")
    raw = unbase64(parts[2], url=False)
    need(len(raw) == 33 and raw[0] == sort, "key-form", f"The key of {parts[0]} is not Ed25519 of type {sort:#04x}")
    key_id = sha256(parts[0].encode() + b"\n" + raw)[:4]
    need(parts[1] == key_id.hex(), "key-id", f"The key id of {parts[0]} does not belong to its key")
    return Key(parts[0], key_id, raw[1:])


def read_checkpoint(raw):
    """Reads a checkpoint (§5): origin, size, root, and the signatures of the note, still unchecked."""
    try:
        body, _, tail = raw.decode().rpartition("\n\n")
    except ValueError:
        raise Fault("checkpoint-form", "The checkpoint is not UTF-8") from None
    form = re.fullmatch(rf"([a-z0-9./-]+/holdfast/[0-9a-hjkmnp-tv-z]{{8}})\n({NUMBER})\n(\S+)", body)
    lines = [re.fullmatch(r"— ([^\s+]+) (\S+)", line) for line in tail.split("\n")[:-1]]
    clean = tail.endswith("\n") and not re.search("[\0-\x09\x0b-\x1f]", tail)
    need(form and lines and all(lines) and clean, "checkpoint-form", "It is not origin, size, root, an empty line and signatures")
    signatures = [(name, blob[:4], blob[4:]) for name, blob in ((m[1], unbase64(m[2], url=False)) for m in lines)]
    return form[1], int(form[2]), unbase64(form[3], url=False), (body + "\n").encode(), signatures


def signed_by(key, body, signatures, cosigned=False):
    """Says whether the key signed the note; a bad signature under its name and id is a fault."""
    mine = [blob for name, key_id, blob in signatures if (name, key_id) == (key.name, key.id)]
    for blob in mine:
        message, signature = body, blob
        if cosigned:  # tlog-cosignature: 8 bytes of time, then the signature
            message, signature = b"cosignature/v1\ntime %d\n" % int.from_bytes(blob[:8], "big") + body, blob[8:]
        need(good_signature(key.raw, signature, message), "checkpoint-signature", f"The signature of {key.name} is wrong")
    return bool(mine)


def read_policy(raw):
    """Reads a C2SP tlog-policy (§7.3) as (logs by origin, witnesses and groups by name, quorum)."""
    logs, rules, quorums, used = {}, {}, [], set()
    for line in raw.decode("utf-8", "surrogateescape").split("\n"):
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log" and len(words) in (2, 3):
            key = verifier_key(words[1], 1)
            need(key.name not in logs, "policy", f"Log {key.name} stands twice")
            logs[key.name] = key
        elif words[0] == "quorum" and len(words) == 2 and (words[1] == "none" or words[1] in rules):
            quorums.append(words[1])
        elif words[0] == "witness" and len(words) in (3, 4) and words[1] not in {"none", *rules}:
            key = verifier_key(words[2], 4)
            need(all(key.raw != old.raw for old in rules.values() if isinstance(old, Key)), "policy", "A witness key stands twice")
            rules[words[1]] = key
        elif words[0] == "group" and len(words) > 3 and words[1] not in {"none", *rules}:
            names, k = words[3:], {"any": "1", "all": str(len(words) - 3)}.get(words[2], words[2])
            free = all(name in rules and name not in used for name in names) and len(set(names)) == len(names)
            need(free and re.fullmatch("[1-9][0-9]?", k) and int(k) <= len(names), "policy", f"Group {words[1]} is not well formed")
            used |= set(names)
            rules[words[1]] = (int(k), names)
        else:
            raise Fault("policy", f"This line is not understood: {json.dumps(line)}")
    need(len(quorums) == 1 and logs, "policy", "A policy needs one quorum line and at least one log")
    return logs, rules, quorums[0]


def witnessed(name, rules, body, signatures):
    rule = rules[name]
    if isinstance(rule, Key):
        return signed_by(rule, body, signatures, cosigned=True)
    return sum(witnessed(member, rules, body, signatures) for member in rule[1]) >= rule[0]


# --- §7.1 Reading a folder or a tar, without unpacking ----------------------------------------------------------------
def safe_path(path):
    need(re.fullmatch("[A-Za-z0-9._/-]+", path) and not {"", ".", ".."} & set(path.split("/")), "path-unsafe",
         "The path is absolute, climbs or has other characters than A-Z a-z 0-9 . _ / -")
    return path


def from_folder(top, report):
    def stop(problem):  # a folder that cannot be read could hide something
        raise problem
    for folder, folders, names in os.walk(top, onerror=stop):
        for name in sorted(folders + names):
            full = os.path.join(folder, name)
            path, mode = os.path.relpath(full, top), os.lstat(full).st_mode
            with report.about(path):
                need(stat.S_ISREG(mode) or stat.S_ISDIR(mode), "not-a-plain-file", "Links and devices are refused")
                safe_path(path)
                if stat.S_ISREG(mode):
                    with open(full, "rb") as stream:
                        yield path, stream


def from_tar(name, report):
    tops = set()
    with tarfile.open(name, "r|") as tar:  # a stream, uncompressed
        for member in tar:
            with report.about(member.name):
                plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE) and not member.issparse()
                need(plain, "not-a-plain-file", "Links, devices and sparse files are refused")
                need("path" not in member.pax_headers, "path-unsafe", "The file has two names; other programs may see the other one")
                top, _, path = safe_path(member.name).partition("/")
                tops.add(top)
                if member.isreg():
                    need(path, "path-unsafe", "A file stands outside the one top folder")
                    yield path, tar.extractfile(member)
        end = tar.offset
    with report.about(str(name)), open(name, "rb") as stream:
        need(len(tops) == 1, "tar-top", "The tar does not hold exactly one top folder")
        stream.seek(end)  # tarfile stops at the first block that is no header: what follows must be the empty end
        tail = [not block.strip(b"\0") for block in iter(lambda: stream.read(2**20), b"")]
        need(tail and all(tail), "tar-end", "The tar is cut short, damaged, or has bytes after its end")


def read_files(source, report):
    """Hashes every file once; keeps the bytes of everything that is not evidence."""
    files = {}
    for path, stream in source:
        with report.about(path):
            need(path not in files, "path-twice", "The same path stands twice")
            hashes, length, kept = (hashlib.sha256(), hashlib.sha512()), 0, b""
            while block := stream.read(2**20):
                length += len(block)
                for state in hashes:
                    state.update(block)
                if not path.startswith("data/evidence/"):
                    kept += block
                    need(length <= KEPT_BYTES, "file-too-big", "This file is too big to be what its name says")
            files[path] = File(hashes[0].hexdigest(), hashes[1].hexdigest(), length, kept)
    return files


# --- §8.1 Bag (RFC 8493) ----------------------------------------------------------------------------------------------
def check_manifest(name, files, expected, report):
    listed, width = {}, 64 if name.endswith("256.txt") else 128
    with report.about(name):
        for line in files[name].raw.decode("ascii", "replace").replace("\r\n", "\n").split("\n")[:-1]:
            form = re.fullmatch(rf"([0-9a-f]{{{width}}})[ \t]+(\S+)", line)
            need(form and form[2] not in listed, "manifest-form", f"A line is not understood or stands twice: {json.dumps(line[-80:])}")
            listed[safe_path(form[2])] = form[1]
    for path in sorted(expected | set(listed)):
        with report.about(path):
            need(path in files, "file-missing", f"{name} lists it, the bag does not have it")
            need(path in listed, "file-extra", f"{name} does not list it")
            right = files[path].sha256 if width == 64 else files[path].sha512
            need(right == listed[path], "manifest-mismatch", f"Its digest is not the one in {name}")


def check_bag(files, report):
    for path in sorted(files):
        with report.about(path):
            need(path in TAG_FILES or LAYOUT.fullmatch(path), "file-unexpected", "§7.1 has no such file")
    for path in sorted(TAG_FILES | {"data/ro-crate-metadata.json", "data/index.html"}):
        with report.about(path):
            need(path in files, "file-missing", "Every dossier has this file")
    if not TAG_FILES <= set(files):
        return
    payload = {path for path in files if path.startswith("data/")}
    for sort in ("sha256", "sha512"):
        check_manifest(f"manifest-{sort}.txt", files, payload, report)
        tags = {path for path in files if path not in payload and not path.startswith("tagmanifest-")}
        check_manifest(f"tagmanifest-{sort}.txt", files, tags, report)
    with report.about("bagit.txt"):
        right = rb"BagIt-Version: 1\.0\r?\nTag-File-Character-Encoding: UTF-8(?:\r?\n)?"
        need(re.fullmatch(right, files["bagit.txt"].raw), "bagit-form", "It is not the two lines of RFC 8493 §2.1.1 for version 1.0")


def read_bag_info(files):
    need("bag-info.txt" in files, "file-missing", "Every dossier has this file")
    lines = re.findall("(?m)^([A-Za-z-]+): (.*?)\r?$", files["bag-info.txt"].raw.decode("utf-8", "replace"))
    info = dict(lines)
    for label in ("Holdfast-Dossier", "Holdfast-Sealed", "Holdfast-Origin", "Payload-Oxum"):
        need([name for name, _ in lines].count(label) == 1, "bag-info-form", f"{label} does not stand there exactly once")
    need(re.fullmatch(NUMBER, info["Holdfast-Sealed"]), "bag-info-form", "Holdfast-Sealed is not a log index")
    payload = [file.length for path, file in files.items() if path.startswith("data/")]
    need(info["Payload-Oxum"] == f"{sum(payload)}.{len(payload)}", "payload-oxum", "The payload is not of the stated size")
    return info["Holdfast-Dossier"], int(info["Holdfast-Sealed"]), info["Holdfast-Origin"]


# --- §2 Records and disclosures ---------------------------------------------------------------------------------------
def read_entry(index, raw, shown):
    """Reads one entry file as strictly as §2 asks; the signature comes later, when the key is known."""
    record, *parts = raw.decode("ascii", "replace").split("~")
    need(not parts or parts.pop() == "", "entry-trailing-bytes", "There are bytes after the last ~")
    need(shown == ("~" in raw.decode("ascii", "replace")), "entry-form", "The file ending and the ~ do not agree")
    need(len(record) <= 65535 and record.count(".") == 2, "record-form", "This is not a compact JWS of at most 65,535 bytes")
    header, payload = (strict_json(unbase64(part)) for part in record.split(".")[:2])
    check_digests(payload)
    return Entry(index, sha256(b"\0" + record.encode()), header, payload, record, read_disclosures(parts, payload["_sd"]), shown)


def check_digests(payload):
    need(isinstance(payload, dict) and set(payload) == {"_sd", "_sd_alg", "iss", "v"} and payload["_sd_alg"] == "sha-256"
         and type(payload["v"]) is int and payload["v"] == 1, "payload-members", "The payload has other members or values")
    digests = payload["_sd"]
    need(isinstance(digests, list) and all(isinstance(digest, str) for digest in digests), "sd-form", "_sd is not a list of digests")
    need(all(len(unbase64(digest)) == 32 for digest in digests), "sd-form", "_sd holds something that is no SHA-256 digest")
    need(len(digests) >= 8 and len(digests) % 8 == 0, "sd-count", "The number of digests is not a multiple of 8")
    need(len(set(digests)) == len(digests), "sd-repeated", "A digest stands twice in _sd")
    need(digests == sorted(digests), "sd-unsorted", "_sd is not sorted")


def read_disclosures(parts, digests):
    fields = {}
    need(len(set(parts)) == len(parts), "disclosure-twice", "A disclosure is given twice")
    for part in parts:
        value = strict_json(unbase64(part))
        need(isinstance(value, list) and len(value) == 3 and all(isinstance(text, str) for text in value[:2])
             and len(unbase64(value[0])) == 16, "disclosure-form", "A disclosure is not [salt, name, value]")
        name = value[1]
        need(name not in ("_sd", "...", "_sd_alg", "iss", "v") and not hides(value[2]), "name-reserved", f"{name!a} uses a reserved name")
        digest = base64.urlsafe_b64encode(sha256(part.encode())).decode().rstrip("=")
        need(digest in digests, "disclosure-unreferenced", f"The record does not hold the digest of the disclosure of {name!a}")
        need(name not in fields, "field-twice", f"Two disclosures name {name!a}")
        fields[name] = value[2]
    return fields


def hides(value):
    """Says whether a member named `_sd` or `...` stands anywhere inside."""
    if isinstance(value, dict):
        return "_sd" in value or "..." in value or any(map(hides, value.values()))
    return isinstance(value, list) and any(map(hides, value))


def check_record(entry, origin, key):
    right = {"alg": "EdDSA", "kid": sha256(key).hex()[:16], "typ": "holdfast-entry+sd-jwt"}
    need(entry.header == right, "header-members", "The header has other members or values")
    need(entry.payload["iss"] == origin, "origin-differs", "The record is of another log than the checkpoint")
    signed, _, signature = entry.record.rpartition(".")
    need(good_signature(key, unbase64(signature), signed.encode()), "record-signature", "The signature of the record is wrong")


# --- §8.2 to §8.5 -----------------------------------------------------------------------------------------------------
def check_checkpoint(raw, policy, founded, report):
    """Checks who signed the checkpoint; gives (origin, size, root)."""
    origin, size, root, body, signatures = read_checkpoint(raw)
    keys = founded.fields.get("keys") if founded else None
    own = verifier_key(keys["log"], 1) if isinstance(keys, dict) and isinstance(keys.get("log"), str) else None
    need(own, "founded-keys", "Entry 0 does not show the keys of the archive")
    logs, rules, quorum = policy or ({own.name: own}, {}, "none")
    with report.about("data/log/checkpoint"):
        need(origin in logs, "log-unknown", "The policy does not name this log")
        need(signed_by(logs[origin], body, signatures), "checkpoint-signature", "The key of the log has not signed this checkpoint")
        need(own == logs[origin], "log-key-differs", "Entry 0 names another log key than the policy")
        need(quorum == "none" or witnessed(quorum, rules, body, signatures), "quorum-missed", "Too few witnesses signed")
    return origin, size, root


def root_from(index, size, node, path):
    """Recomputes the root from a leaf and its inclusion proof (RFC 6962 §2.1.1); None when the length is wrong."""
    last = size - 1
    if index > last:
        return None
    for sibling in path:
        if last == 0:
            return None
        if index % 2 or index == last:
            node = sha256(b"\1" + sibling + node)
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def check_proof(entry, files, size, root):
    path = f"data/log/proofs/{entry.index}.tlog-proof"
    need(path in files, "proof-missing", "This entry has no proof")
    head, _, checkpoint = files[path].raw.partition(b"\n\n")
    need(checkpoint == files["data/log/checkpoint"].raw, "proof-checkpoint", "The proof is against another checkpoint")
    lines = head.decode("ascii", "replace").split("\n")
    need(lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {entry.index}"], "proof-form", "The proof is not for this index")
    hashes = [unbase64(line, url=False) for line in lines[2:]]
    need(all(len(node) == 32 for node in hashes), "proof-form", "A line of the proof is not a SHA-256 hash")
    need(root_from(entry.index, size, entry.leaf, hashes) == root, "proof-wrong", "The log does not hold this record at this place")


def read_entries(files, report):
    entries = {}
    for path, file in files.items():
        if form := re.fullmatch(rf"data/log/entries/({NUMBER})\.(sd-jwt|jws)", path):
            with report.about(path):
                need(int(form[1]) not in entries, "entry-twice", "The entry is there as .sd-jwt and as .jws")
                entries[int(form[1])] = read_entry(int(form[1]), file.raw, form[2] == "sd-jwt")
    for path in files:
        form = re.fullmatch(rf"data/log/proofs/({NUMBER})\.tlog-proof", path)
        with report.about(path):
            there = form and {f"data/log/entries/{form[1]}.{end}" for end in ("sd-jwt", "jws")} & set(files)
            need(there or not form, "proof-without-entry", "There is no such entry to prove")
    return dict(sorted(entries.items()))


def check_entries(entries, files, origin, size, root, report):
    founded = entries[0].fields
    key = founded["keys"].get("entry")
    with report.about("data/log/entries/0.sd-jwt"):
        need((founded.get("kind"), founded.get("subject")) == ("founded", "archive"), "founded-kind", "Entry 0 is not `founded`")
    for entry in entries.values():
        with report.about(f"data/log/entries/{entry.index}"):
            check_proof(entry, files, size, root)
        with report.about(f"data/log/entries/{entry.index}"):
            need(isinstance(key, str) and re.fullmatch("[0-9a-f]{64}", key), "founded-keys", "Entry 0 has no entry key of 32 bytes")
            check_record(entry, origin, bytes.fromhex(key))


# --- §8.6 to §8.8 -----------------------------------------------------------------------------------------------------
def read_contents(entries, sealed, dossier):
    need(sealed in entries, "sealed-missing", "The entry that seals the dossier is not there")
    fields = entries[sealed].fields
    need(fields.get("kind") == "dossier_sealed" and fields.get("subject") == dossier, "sealed-wrong",
         f"Entry {sealed} does not seal {dossier}")

    def number(value):
        return type(value) is int and value >= 0

    contents = fields.get("contents")
    for row in contents if isinstance(contents, list) else [None]:
        right = (isinstance(row, dict) and isinstance(row.get("item"), str) and isinstance(row.get("evidence"), str)
                 and isinstance(head := row.get("head"), dict) and number(head.get("n")) and number(head.get("index"))
                 and isinstance(head.get("leaf"), str) and isinstance(row.get("withheld"), list)
                 and all(isinstance(one, dict) and number(one.get("index")) and isinstance(one.get("reason"), str) for one in row["withheld"]))
        need(right, "contents-form", "`contents` is not shown or not as §7.2 says")
    for member in ("item", "evidence"):
        need(len({row[member] for row in contents}) == len(contents), "contents-form", f"`contents` names one {member} twice")
    return contents


def check_chain(row, entries, sealed, report):
    """Checks the chain of one item (§8.7) and gives its entries, oldest first."""
    withheld = {one["index"] for one in row["withheld"]}
    chain = [e for e in entries.values() if e.fields.get("subject") == row["item"] or (e.index in withheld and not e.shown)]
    head, gone = row["head"], withheld - {entry.index for entry in chain if not entry.shown}
    with report.about(row["item"]):
        need(not gone, "withheld-wrong", f"Listed as withheld, but missing or shown: {sorted(gone)}")
        need(len(withheld) == len(row["withheld"]), "withheld-wrong", "An entry is listed as withheld twice")
        need(len(chain) == head["n"] + 1, "chain-incomplete", f"{len(chain)} entries are there, {head['n'] + 1} belong to the chain")
        need((chain[-1].index, chain[-1].leaf.hex()) == (head["index"], head["leaf"]), "chain-head", "The last entry is not the sealed head")
        need(head["index"] < sealed, "chain-head", "The head is later than the seal")
        for n, entry in enumerate(chain):
            before = {"prev_index": chain[n - 1].index, "prev_leaf": chain[n - 1].leaf.hex()} if n else {}
            link = entry.fields.get("chain")
            need(not entry.shown or (link == {"n": n, **before} and type(link["n"]) is int), "chain-broken",
                 f"Entry {entry.index} does not name the entry before it, or does not show `chain`")
        need(not chain[0].shown or chain[0].fields.get("kind") == "collected", "chain-start", "The chain does not begin with `collected`")
    return chain


def check_evidence(row, chain, files, report):
    path = f"data/evidence/{row['evidence']}/content"
    with report.about(path):
        need(path in files, "evidence-missing", f"The evidence of {row['item']} is not there")
        file, digests = files[path], chain[0].fields.get("digests") if chain else None
        if digests is None:
            report.in_part = True  # §8.7: never called good as a whole
            report.unproven.append(f"{row['item']}: its digests are not shown, so nothing ties {path} to the log; it could be any file")
            return
        need(isinstance(digests, dict) and digests.get("sha256") == file.sha256, "evidence-differs", "Its SHA-256 is not the recorded one")
        need(type(digests.get("bytes")) is int and digests["bytes"] == file.length, "evidence-differs", "Its length is not the recorded one")
        report.proven.append(f"{row['item']}: {path} is the file that entry {chain[0].index} records ({file.length} bytes, SHA-256 {file.sha256})")


def check_items(contents, entries, files, sealed, dossier, report):
    placed = [0, sealed]
    for row in contents:
        chain = check_chain(row, entries, sealed, report)
        check_evidence(row, chain, files, report)
        placed += [entry.index for entry in chain]
        reasons = {one["index"]: one["reason"] for one in row["withheld"]}
        for n, entry in enumerate(chain):
            if not entry.shown:
                report.missing.append(f"{row['item']}: entry {entry.index} is withheld (reason given: {json.dumps(reasons[entry.index])})")
                if n and not chain[n - 1].shown:
                    report.asserted.append(f"{row['item']}: that entry {entry.index} follows entry {chain[n - 1].index} (both withheld)")
    for entry in entries.values():
        with report.about(f"data/log/entries/{entry.index}"):
            belongs = entry.index in placed or entry.fields.get("subject") == dossier
            need(belongs, "entry-left-over", "It belongs to no item, nor to entry 0 or the dossier")
            need(placed.count(entry.index) <= 1, "entry-left-over", "It is claimed by two chains")
    for path in files:
        with report.about(path):
            need(not path.startswith("data/evidence/") or path.split("/")[2] in {row["evidence"] for row in contents},
                 "evidence-left-over", "The sealed list names no such evidence")


# --- The whole of §8, and §9 in words ---------------------------------------------------------------------------------
def check(files, policy, report):
    check_bag(files, report)
    dossier, sealed, stated = read_bag_info(files)
    need("data/log/checkpoint" in files, "file-missing", "There is no checkpoint")
    entries = read_entries(files, report)
    origin, size, root = check_checkpoint(files["data/log/checkpoint"].raw, policy, entries.get(0), report)
    need(stated == origin, "origin-differs", "Holdfast-Origin is not the origin of the checkpoint")
    check_entries(entries, files, origin, size, root, report)
    check_items(read_contents(entries, sealed, dossier), entries, files, sealed, dossier, report)
    whose = "signed by the log key of your policy" if policy else "signed by the log key that the dossier itself names"
    report.proven.insert(0, f"{len(entries)} records stand unaltered at these places of the log {origin}, size {size}, {whose}")
    if not policy:
        report.unproven.insert(0, "Whose log this is: no policy was given, so the key was taken from entry 0 of the dossier")
    report.asserted.insert(0, "Every stated time, source, name and person; that the sealed chain heads were the newest")
    report.asserted.append("data/index.html, data/ro-crate-metadata.json, bag-info.txt: nothing signed covers them; read the entries")
    report.missing.append("Fields not shown (records also hold decoys, so their number cannot be told); whatever was never recorded")


def tell(report, files):
    """Prints the result; with a fault, nothing is called proven."""
    tokens = sum(path.endswith(".tsr") for path in files)
    steps = [f"Time-stamps ({tokens} there): not checked here: use openssl ts -verify -data checkpoint -in checkpoint.1.tsr -CAfile ROOT",
             "BLAKE3 digests: Python's standard library has no BLAKE3; SHA-256 and length are checked"]
    parts = [("FAULTS", [f"{name}: {where}: {why}" for name, where, why in report.faults])] if report.faults else [("PROVEN", report.proven)]
    parts += [("UNPROVEN", report.unproven), ("ASSERTED, not proven", report.asserted), ("MISSING", report.missing), ("NOT CHECKED HERE", steps)]
    for title, lines in parts:
        if lines:
            print(title, *("  " + line.encode("unicode_escape").decode() for line in lines), sep="\n")
    print(f"not good: {len(report.faults)} faults; rely on nothing above" if report.faults
          else "good only in part: see UNPROVEN above" if report.in_part
          else "good: no fault found" + (f"; {len(report.unproven)} UNPROVEN, see above" if report.unproven else ""))


def main():
    parser = argparse.ArgumentParser(description="Checks a Holdfast dossier (format 1).")
    parser.add_argument("dossier", type=Path, help="a folder, or an uncompressed tar")
    parser.add_argument("--policy", type=Path, help="C2SP tlog-policy, from outside the dossier")
    wanted, report, files = parser.parse_args(), Report(), {}
    try:
        policy = read_policy(wanted.policy.read_bytes()) if wanted.policy else None
        wanted.dossier.stat()
    except (OSError, Fault) as problem:
        parser.error(f"cannot be used: {problem}")
    with report.about(str(wanted.dossier)):
        try:
            files = read_files((from_folder if wanted.dossier.is_dir() else from_tar)(wanted.dossier, report), report)
        except (tarfile.TarError, OSError, ValueError) as problem:
            raise Fault("dossier-unreadable", f"Not a folder or an uncompressed tar, or cut short ({problem})") from None
        check(files, policy, report)
    tell(report, files)
    return 6 if report.faults or report.in_part else 0


if __name__ == "__main__":
    sys.exit(main())
