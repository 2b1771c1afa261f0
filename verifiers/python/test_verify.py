#!/usr/bin/env python3
"""Tries holdfast_verify.py: an untouched dossier passes, every tampered one is refused by name.

Usage: python3 test_verify.py SAMPLE_TAR POLICY        Exit: 0 when every claim holds, 1 when one does not
Part 1 tampers with the sample. Part 2 makes its own small dossiers with throw-away keys, so that faults under a good
signature can be tried too; its Ed25519 is the plain arithmetic of RFC 8032 and fit for nothing but tests.
"""
import base64, gzip, hashlib, io, json, random, subprocess, sys, tarfile, tempfile
from pathlib import Path

VERIFIER = Path(__file__).with_name("holdfast_verify.py")
FAILED, COUNT = [], 0


def run(path, policy=None):
    words = [sys.executable, str(VERIFIER), str(path)] + (["--policy", str(policy)] if policy else [])
    done = subprocess.run(words, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def claim(text, path, policy, code, *printed):
    """Checks the exit code and that every wanted text is printed; a fault is wanted as its name and a colon."""
    global COUNT
    got, output = run(path, policy)
    good = got == code and all(want in output for want in printed) and "Traceback" not in output
    COUNT += 1
    print("ok  " if good else "FAIL", text)
    if not good:
        FAILED.append(text)
        print(f"     exit {got}, wanted {code} and {printed}; it said:\n{output[-1500:]}")


# --- Dossiers as {path: bytes} ----------------------------------------------------------------------------------------
def load(tar_name):
    with tarfile.open(tar_name) as tar:
        return {m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in tar if m.isreg()}


def add(tar, name, raw=b"", **more):
    member = tarfile.TarInfo(name)
    member.size = len(raw)
    for key, value in more.items():
        setattr(member, key, value)
    tar.addfile(member, io.BytesIO(raw))


def save(files, name, top="bag/"):
    with tarfile.open(name, "w", format=tarfile.USTAR_FORMAT) as tar:
        for path, raw in files.items():
            add(tar, top + path, raw)
    return name


def remake(files):
    """Makes manifests and Payload-Oxum anew, as a careful forger would."""
    payload = {path: raw for path, raw in files.items() if path.startswith("data/")}
    info = [line for line in files["bag-info.txt"].decode().splitlines() if not line.startswith("Payload-Oxum")]
    info.append(f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}")
    files["bag-info.txt"] = ("\n".join(info) + "\n").encode()
    for prefix, chosen in (("manifest", payload), ("tagmanifest", None)):
        for sort in ("sha256", "sha512"):
            rows = chosen or {p: r for p, r in files.items() if p not in payload and not p.startswith("tagmanifest")}
            files[f"{prefix}-{sort}.txt"] = "".join(f"{hashlib.new(sort, raw).hexdigest()}  {path}\n"
                                                   for path, raw in rows.items()).encode()
    return files


def flip(raw, at):
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]


def letter(raw, at):
    """Changes one base64 letter for another, so that only the meaning is wrong, not the form."""
    return raw[:at] + (b"A" if raw[at:at + 1] != b"A" else b"B") + raw[at + 1:]


def b64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def disclosures(entry):
    return entry.split(b"~")[1:-1]


def name_of(disclosure):
    return json.loads(base64.urlsafe_b64decode(disclosure + b"=" * (-len(disclosure) % 4)))[1]


def edited(disclosure, place, value):
    array = json.loads(base64.urlsafe_b64decode(disclosure + b"=" * (-len(disclosure) % 4)))
    array[place] = value
    return b64url(json.dumps(array, separators=(",", ":")).encode())


def without(entry, name):
    record, *parts = entry.split(b"~")
    return b"~".join([record] + [part for part in parts if not part or name_of(part) != name])


# --- Part 1: the sample, tampered with --------------------------------------------------------------------------------
def bag_claims(sample, policy, temp):
    def tamper(text, fault, change):
        files = dict(sample)
        change(files)
        claim(text, save(files, temp / "t.tar"), policy, 6, f"  {fault}: ")

    evidence = sorted(path for path in sample if path.startswith("data/evidence/"))
    tamper("a flipped byte in the evidence is refused", "manifest-mismatch", lambda f: f.update({evidence[0]: flip(f[evidence[0]], 9)}))
    tamper("an extra payload file is refused", "file-extra", lambda f: f.update({"data/evidence/000000000000/content": b"x"}))
    tamper("a file outside the layout is refused", "file-unexpected", lambda f: f.update({"data/more.txt": b"x"}))
    tamper("an extra tag file is refused", "file-unexpected", lambda f: f.update({"fetch.txt": b"x"}))
    tamper("a missing evidence file is refused", "file-missing", lambda f: f.pop(evidence[1]))
    tamper("a missing manifest is refused", "file-missing", lambda f: f.pop("manifest-sha512.txt"))
    tamper("a renamed file is refused", "file-missing", lambda f: f.update({"data/evidence/000000000000/content": f.pop(evidence[2])}))
    tamper("a changed manifest is refused by the tag manifests", "manifest-mismatch",
           lambda f: f.update({"manifest-sha256.txt": f["manifest-sha256.txt"].replace(b"\n", b"\r\n")}))
    tamper("a line given twice in a manifest is refused", "manifest-form",
           lambda f: f.update({"manifest-sha256.txt": f["manifest-sha256.txt"] + f["manifest-sha256.txt"].splitlines(True)[0]}))
    tamper("another BagIt declaration is refused", "bagit-form", lambda f: f.update({"bagit.txt": b"BagIt-Version: 0.97\n"}))
    tamper("a wrong Payload-Oxum is refused", "payload-oxum",
           lambda f: f.update({"bag-info.txt": f["bag-info.txt"].replace(b"Payload-Oxum: ", b"Payload-Oxum: 1")}))


    for label, line in (("no Holdfast-Dossier", b"X: d-1"), ("Holdfast-Dossier twice", b"Holdfast-Dossier: d-1\nHoldfast-Dossier: d-1")):
        tamper(f"bag-info with {label} is refused", "bag-info-form", lambda f: f.update({"bag-info.txt": f["bag-info.txt"].replace(b"Holdfast-Dossier: ", line)}))
    tamper("bag-info with a sealed index that is no number is refused", "bag-info-form",
           lambda f: f.update({"bag-info.txt": f["bag-info.txt"].replace(b"Sealed: ", b"Sealed: 0")}))
    tamper("a missing bag-info.txt is refused", "file-missing: bag-info.txt", lambda f: f.pop("bag-info.txt"))
    tamper("an index.html of more than 64 MiB is refused", "file-too-big", lambda f: f.update({"data/index.html": bytes(2**26 + 1)}))


def log_claims(sample, policy, temp):
    """Here all manifests are made again, so that only the log can tell."""
    evidence = sorted(path for path in sample if path.startswith("data/evidence/"))
    withheld = next(path for path in sample if path.endswith(".jws"))
    shown = [path for path in sample if path.endswith(".sd-jwt") and not path.endswith("/0.sd-jwt")]
    shown = [path for path in shown if b"digests" in map(str.encode, map(name_of, disclosures(sample[path])))]
    one, two = shown[1], shown[2]
    proof = {path: path.replace("entries", "proofs").rsplit(".", 1)[0] + ".tlog-proof" for path in (one, two, withheld)}

    def tamper(text, fault, change):
        files = dict(sample)
        change(files)
        claim(text + " (manifests remade)", save(remake(files), temp / "t.tar"), policy, 6, f"  {fault}: ")

    def at(path, edit):
        return lambda f: f.update({path: edit(f[path])})

    record = len(sample[one].split(b"~")[0])
    signature = sample[one].rindex(b".", 0, record) + 20
    last = disclosures(sample[one])[-1]
    salt = b64url(b"0123456789abcdef").decode()
    bad = b64url(b'["' + b64url(b"0123456789abcdef") + b'","note",{"a":1,"a":2}]')
    stray = b64url(b'["' + b64url(b"0123456789abcdef") + b'","note","planted"]')
    tamper("a flipped byte in the evidence is refused", "evidence-differs", at(evidence[0], lambda raw: flip(raw, 9)))
    tamper("evidence cut short is refused", "evidence-differs", at(evidence[0], lambda raw: raw[:-1]))
    tamper("two pieces of evidence swapped are refused", "evidence-differs",
           lambda f: f.update({evidence[0]: f[evidence[1]], evidence[1]: f[evidence[0]]}))
    tamper("evidence left out is refused", "evidence-missing", lambda f: f.pop(evidence[0]))
    tamper("evidence added is refused", "evidence-left-over", lambda f: f.update({"data/evidence/000000000000/content": b"x"}))
    tamper("a changed letter in a record's signature is refused", "record-signature", at(one, lambda raw: letter(raw, signature)))
    tamper("a changed letter in a record is no longer in the log", "proof-wrong", at(one, lambda raw: letter(raw, signature)))
    tamper("a changed letter in a record's payload is refused", "json-invalid", at(one, lambda raw: letter(raw, raw.index(b".") + 3)))
    tamper("a changed salt in a disclosure is refused", "disclosure-unreferenced", at(one, lambda raw: raw.replace(last, edited(last, 0, salt))))
    tamper("a changed value in a disclosure is refused", "disclosure-unreferenced", at(one, lambda raw: raw.replace(last, edited(last, 2, "x"))))
    tamper("a changed letter in a proof is refused", "proof-wrong", at(proof[one], lambda raw: letter(raw, raw.index(b"\n", 30) + 5)))
    tamper("a proof line cut away is refused", "proof-wrong",
           at(proof[one], lambda raw: b"\n".join(line for n, line in enumerate(raw.split(b"\n")) if n != 2)))
    tamper("swapped proofs are refused", "proof-form", lambda f: f.update({proof[one]: f[proof[two]], proof[two]: f[proof[one]]}))
    tamper("swapped entries are refused", "proof-wrong", lambda f: f.update({one: f[two], two: f[one]}))
    tamper("a changed root in the checkpoint is refused", "checkpoint-signature",
           at("data/log/checkpoint", lambda raw: letter(raw, raw.index(b"\n", raw.index(b"\n") + 1) + 4)))
    tamper("a changed signature of the checkpoint is refused", "checkpoint-signature", at("data/log/checkpoint", lambda raw: letter(raw, len(raw) - 12)))
    tamper("a proof against another checkpoint is refused", "proof-checkpoint", at(proof[one], lambda raw: letter(raw, len(raw) - 12)))
    tamper("a missing entry is refused", "chain-incomplete", lambda f: (f.pop(one), f.pop(proof[one])))
    tamper("a proof without its entry is refused", "proof-without-entry", lambda f: f.pop(one))
    tamper("an entry without its proof is refused", "proof-missing", lambda f: f.pop(proof[one]))
    tamper("a withheld entry taken away is refused", "withheld-wrong", lambda f: (f.pop(withheld), f.pop(proof[withheld])))
    tamper("an entry emptied to .jws is refused", "entry-left-over", lambda f: f.update({one.replace("sd-jwt", "jws"): f.pop(one).split(b"~")[0]}))
    tamper("a .jws file with a ~ is refused", "entry-form", at(withheld, lambda raw: raw + b"~"))
    tamper("an .sd-jwt file without a ~ is refused", "entry-form", at(one, lambda raw: raw.split(b"~")[0]))
    tamper("a missing checkpoint is refused", "file-missing", lambda f: f.pop("data/log/checkpoint"))
    tamper("a missing sealing entry is refused", "sealed-missing",
           at("bag-info.txt", lambda raw: raw.replace(b"Sealed: ", b"Sealed: 9999")))
    tamper("an entry given as .sd-jwt and .jws is refused", "entry-twice", lambda f: f.update({one.replace("sd-jwt", "jws"): f[one].split(b"~")[0]}))
    tamper("the sealing entry emptied of its contents is refused", "contents-form",
           lambda f: f.update({p: without(f[p], "contents") for p in f if p.endswith(".sd-jwt")}))
    tamper("entry 0 without its keys is refused", "founded-keys", at("data/log/entries/0.sd-jwt", lambda raw: without(raw, "keys")))
    tamper("an entry that hides its chain is refused", "chain-broken", at(one, lambda raw: without(raw, "chain")))
    tamper("an unreferenced disclosure is refused", "disclosure-unreferenced", at(one, lambda raw: raw + stray + b"~"))
    tamper("a disclosure given twice is refused", "disclosure-twice", at(one, lambda raw: raw + last + b"~"))
    tamper("a duplicate JSON name in a disclosure is refused", "json-duplicate-name", at(one, lambda raw: raw + bad + b"~"))
    tamper("a disclosure with a second base64 reading is refused", "base64-invalid", at(one, lambda raw: raw + b"AB~"))
    tamper("bytes after the last ~ are refused", "entry-trailing-bytes", at(one, lambda raw: raw + b"x"))
    tamper("another dossier id is refused", "sealed-wrong", at("bag-info.txt", lambda raw: raw.replace(b"Dossier: d-", b"Dossier: d-0")))
    tamper("another sealed index is refused", "sealed-wrong",
           at("bag-info.txt", lambda raw: raw.replace(b"Sealed: ", b"Sealed: 0\nX-Old: ")))
    tamper("another origin in bag-info is refused", "origin-differs", at("bag-info.txt", lambda raw: raw.replace(b"Origin: ", b"Origin: x")))
    files = dict(sample)
    files[one] = without(files[one], "digests")
    claim("digests not shown are reported as unproven, not as a fault", save(remake(files), temp / "t.tar"), policy, 6,
          "its digests are not shown", "good only in part")


def flipped_bit_claims(sample, policy):
    """Flips single bits all over the signed part, in this process for speed; an error of the program is a failure too."""
    sys.path.insert(0, str(VERIFIER.parent))
    import holdfast_verify as verify
    global COUNT
    chance, passed, rules = random.Random(9), [], verify.read_policy(policy.read_bytes())
    signed = [path for path in sample if path.startswith("data/log/")]
    for path in signed * 25:
        place, files = chance.randrange(len(sample[path])), dict(sample)
        files[path] = sample[path][:place] + bytes([sample[path][place] ^ 1 << chance.randrange(8)]) + sample[path][place + 1:]
        report = verify.Report()
        with report.about("dossier"):
            verify.check(verify.read_files(((name, io.BytesIO(raw)) for name, raw in remake(files).items()), report), rules, report)
        if not report.faults:
            passed.append(f"{path}, byte {place}")
    low = ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "ee" + "ff" * 30 + "7f"]
    passed += [point for point in low if not verify.weak_point(bytes.fromhex(point))]
    passed += ["a good key" for key in (LOG, ENTRY, WITNESS) if verify.weak_point(key.public)]
    COUNT += 1
    print("FAIL" if passed else "ok  ", f"{len(signed) * 25} flipped bits under data/log (manifests remade) and {len(low)} weak points are refused")
    FAILED.extend(passed)


def container_claims(sample, policy, temp):
    def tar(text, fault, *extra, code=6, end=b""):
        save(sample, temp / "t.tar")
        with tarfile.open(temp / "t.tar", "a") as grown:
            for words in extra:
                add(grown, words["name"], words.get("raw", b""), **{k: v for k, v in words.items() if k not in ("name", "raw")})
        with open(temp / "t.tar", "ab") as grown:
            grown.write(end)
        claim(text, temp / "t.tar", policy, code, f"  {fault}: ")

    tar("a path with .. is refused", "path-unsafe", {"name": "bag/../x", "raw": b"x"})
    tar("a path with . is refused", "path-unsafe", {"name": "bag/./bagit.txt", "raw": b"x"})
    tar("an absolute path is refused", "path-unsafe", {"name": "/bag/x", "raw": b"x"})
    tar("a path with other characters is refused", "path-unsafe", {"name": "bag/x\ngood: no fault found", "raw": b"x"})
    tar("a duplicate member is refused", "path-twice", {"name": "bag/bagit.txt", "raw": sample["bagit.txt"]})
    tar("a symbolic link is refused", "not-a-plain-file", {"name": "bag/data/index.html", "type": tarfile.SYMTYPE, "linkname": "x"})
    tar("a hard link is refused", "not-a-plain-file", {"name": "bag/x", "type": tarfile.LNKTYPE, "linkname": "bag/bagit.txt"})
    tar("a device is refused", "not-a-plain-file", {"name": "bag/x", "type": tarfile.CHRTYPE})
    tar("a file beside the top folder is refused", "path-unsafe", {"name": "loose", "raw": b"x"})
    tar("a second name in an extended header is refused", "path-unsafe", {"name": "bag/x", "raw": b"x", "pax_headers": {"path": "bag/y"}})
    tar("a second top folder is refused", "tar-top", {"name": "other/bagit.txt", "raw": b"x"})
    tar("bytes after the end of the tar are refused", "tar-end", end=b"hidden")
    with tarfile.open(temp / "t.tar", "w", format=tarfile.PAX_FORMAT) as extended:
        for path, raw in sample.items():
            add(extended, "bag/" + path, raw, mtime=1.5, pax_headers={"atime": "2.5", "size": str(len(raw))})
    claim("a POSIX tar with extended headers for times and sizes passes", temp / "t.tar", policy, 0, "good:")
    whole = save(sample, temp / "t.tar").read_bytes()
    (temp / "t.tar").write_bytes(whole[:len(whole) // 2])
    claim("a tar cut in half is refused", temp / "t.tar", policy, 6, "not good")
    (temp / "t.tar").write_bytes(gzip.compress(whole, 1))
    claim("a compressed tar is refused", temp / "t.tar", policy, 6, "  dossier-unreadable: ")
    folder = temp / "folder"
    for path, raw in sample.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    claim("the same dossier as a folder passes", folder, policy, 0, "good: no fault found")
    (folder / "data/link").symlink_to("index.html")
    claim("a symbolic link in a folder is refused", folder, policy, 6, "  not-a-plain-file: ")


# --- Part 2: dossiers made here ---------------------------------------------------------------------------------------
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Y = 4 * pow(5, -1, P) % P
X = pow((Y * Y - 1) * pow(D * Y * Y + 1, -1, P), (P + 3) // 8, P)
X = X if (X * X - (Y * Y - 1) * pow(D * Y * Y + 1, -1, P)) % P == 0 else X * pow(2, (P - 1) // 4, P) % P
BASE = (X if X % 2 == 0 else P - X, Y, 1, (X if X % 2 == 0 else P - X) * Y % P)


def plus(p, q):  # RFC 8032 §5.1.4
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number):
    point, base = (0, 1, 1, 0), BASE
    while number:
        point, base, number = plus(point, base) if number & 1 else point, plus(base, base), number >> 1
    inverse = pow(point[2], -1, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


class Signer:
    def __init__(self, seed):
        raw = hashlib.sha512(seed.encode()).digest()
        self.a, self.prefix = int.from_bytes(raw[:32], "little") & (2**254 - 8) | 2**254, raw[32:]
        self.public = times(self.a)

    def sign(self, message, twist=0):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        big_r = times(r)
        k = int.from_bytes(hashlib.sha512(big_r + self.public + message).digest(), "little")
        return big_r + ((r + k * self.a) % L + twist * L).to_bytes(32, "little")

    def note_key(self, name, sort):
        key_id = hashlib.sha256(name.encode() + b"\n" + bytes([sort]) + self.public).digest()[:4]
        return key_id, f"{name}+{key_id.hex()}+{base64.b64encode(bytes([sort]) + self.public).decode()}"


ORIGIN = "made.invalid/holdfast/00000000"
LOG, ENTRY, WITNESS = Signer("log"), Signer("entry"), Signer("witness")


def tree(leaves):
    """Gives the root and every leaf's path, straight from the definition in RFC 6962 §2.1."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    (left, paths), (right, others) = tree(leaves[:k]), tree(leaves[k:])
    return hashlib.sha256(b"\1" + left + right).digest(), [p + [right] for p in paths] + [p + [left] for p in others]


def record(fields, index, edit):
    """Makes one entry; `edit` holds changes that the claim under test wants."""
    raws = [json.dumps([b64url(hashlib.sha256(f"{index}{n}".encode()).digest()[:16]).decode(), name, value])
            for n, (name, value) in enumerate(fields)]
    parts = [b64url(raw.encode()) for raw in edit.get("raws", lambda raws: raws)(raws)]
    digests = [hashlib.sha256(part).digest() for part in parts]
    decoys = [hashlib.sha256(f"decoy{index}{n}".encode()).digest() for n in range(-len(digests) % 8)]
    listed = edit.get("digests", lambda d: d)(sorted(b64url(raw).decode() for raw in digests + decoys))
    header = {"alg": "EdDSA", "kid": hashlib.sha256(ENTRY.public).hexdigest()[:16], "typ": "holdfast-entry+sd-jwt", **edit.get("header", {})}
    payload = {"_sd": listed, "_sd_alg": "sha-256", "iss": ORIGIN, "v": 1, **edit.get("payload", {})}
    text = b64url(json.dumps(header).encode()) + b"." + b64url(json.dumps(payload).encode())
    return text + b"." + b64url(ENTRY.sign(text, edit.get("twist", 0))), parts


def forge(edits=None, rows=None, seal=None, cosign=b""):
    """A dossier of one item: collected, two withheld entries, one checked; all sealed. Gives {path: bytes}."""
    edits, records, parts, leaves, last = edits or {}, [], [], [], {}
    keys = {"log": LOG.note_key(ORIGIN, 1)[1], "entry": ENTRY.public.hex()}
    digests = {"sha256": hashlib.sha256(b"evidence").hexdigest(), "blake3": "00", "bytes": 8}

    def put(kind, subject, *body):
        index = len(records)
        n, before = last.get(subject, (-1, None))
        chain = {"n": n + 1, **({} if before is None else {"prev_index": before, "prev_leaf": leaves[before].hex()})}
        edit = edits.get(index, {})
        fields = [("kind", kind), ("at", "2026-03-04T18:22:07.000000Z"), ("by", "p-000000000000"), ("subject", subject), ("chain", chain), *body]
        fields = [(name, edit.get("fields", {}).get(name, value)) for name, value in fields]
        made, shown = record(fields, index, edit)
        last[subject] = (n + 1, index)
        records.append(made)
        parts.append(shown)
        leaves.append(hashlib.sha256(b"\0" + made).digest())

    put("founded", "archive", ("keys", keys))
    put("collected", "i-000000000000", ("digests", digests))
    for _ in range(3):
        put("exported", "i-000000000000", ("how", "page"))
    row = {"item": "i-000000000000", "evidence": "aaaaaaaaaaaa", "head": {"n": 3, "index": 4, "leaf": leaves[4].hex()},
           "withheld": [{"index": 2, "reason": "internal"}, {"index": 3, "reason": "internal"}]}
    put("dossier_sealed", "d-000000000000", ("contents", [{**row, **(rows or {})}]))
    root, paths = tree(leaves)
    body = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n".encode()
    note = body + "\n— {} {}\n".format(ORIGIN, base64.b64encode(LOG.note_key(ORIGIN, 1)[0] + LOG.sign(body)).decode()).encode()
    if cosign:
        blob = WITNESS.note_key("w.invalid", 4)[0] + cosign + WITNESS.sign(b"cosignature/v1\ntime %d\n" % int.from_bytes(b"\0\0\0\0\0\0\0\7", "big") + body)
        note += f"— w.invalid {base64.b64encode(blob).decode()}\n".encode()
    files = {"bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "data/ro-crate-metadata.json": b"{}", "data/index.html": b"",
             "bag-info.txt": f"Holdfast-Dossier: d-000000000000\nHoldfast-Sealed: {seal or 5}\nHoldfast-Origin: {ORIGIN}\n".encode(),
             "data/evidence/aaaaaaaaaaaa/content": b"evidence", "data/log/checkpoint": note}
    for n, (made, shown) in enumerate(zip(records, parts)):
        entry = {f"{n}.jws": made} if n in (2, 3) else {f"{n}.sd-jwt": b"~".join([made, *shown, b""])}
        files |= {f"data/log/entries/{name}": raw for name, raw in entry.items()}
        proof = ["c2sp.org/tlog-proof@v1", f"index {n}", *(base64.b64encode(node).decode() for node in paths[n])]
        files[f"data/log/proofs/{n}.tlog-proof"] = "\n".join(proof).encode() + b"\n\n" + note
    return remake(files)


def forged_claims(temp):
    policy = temp / "made-policy"
    policy.write_text(f"log {LOG.note_key(ORIGIN, 1)[1]}\nquorum none\n")

    def refused(text, fault, *words, **more):
        claim(text + " (well signed)", save(forge(*words, **more), temp / "t.tar"), policy, 6, f"  {fault}: ")

    def raws(edit):
        return {1: {"raws": lambda raws: raws + [edit(raws)]}}

    salt = b64url(b"0123456789abcdef").decode()
    claim("a dossier made here passes, and two withheld in a row are only asserted", save(forge(), temp / "t.tar"), policy, 0,
          "that entry 3 follows entry 2 (both withheld)", "good: no fault found")
    refused("an unsorted _sd is refused", "sd-unsorted", {1: {"digests": lambda d: d[::-1]}})
    refused("a digest listed twice is refused", "sd-repeated", {1: {"digests": lambda d: sorted(d[:7] + d[:1])}})
    refused("a wrongly counted _sd is refused", "sd-count", {2: {"digests": lambda d: d[:7]}})
    refused("a digest that is too short is refused", "sd-form", {2: {"digests": lambda d: ["AAAA", *d[1:]]}})
    refused("an _sd that is a number is refused", "sd-form", {2: {"digests": lambda d: 8}})
    refused("an _sd of numbers is refused", "sd-form", {2: {"digests": lambda d: list(range(8))}})
    refused("a record of more than 65,535 bytes is refused", "record-form", {1: {"header": {"x": "y" * 50000}}})
    refused("a header with another member is refused", "header-members", {1: {"header": {"jwk": 1}}})
    refused("a header with another key id is refused", "header-members", {1: {"header": {"kid": "0" * 16}}})
    refused("a payload with another member is refused", "payload-members", {1: {"payload": {"exp": 1}}})
    refused("`true` for version 1 is refused", "payload-members", {1: {"payload": {"v": True}}})
    refused("a record of another log is refused", "origin-differs", {1: {"payload": {"iss": "other"}}})
    refused("a malleable signature is refused", "record-signature", {1: {"twist": 1}})
    refused("two disclosures of one field are refused", "field-twice", raws(lambda r: json.dumps([salt, "kind", "checked"])))
    refused("a reserved field name is refused", "name-reserved", raws(lambda r: json.dumps([salt, "iss", "x"])))
    refused("a disclosure inside a disclosure is refused", "name-reserved", raws(lambda r: json.dumps([salt, "x", [{"_sd": []}]])))
    refused("a short salt is refused", "disclosure-form", raws(lambda r: json.dumps([salt[:-2], "x", 1])))
    refused("a disclosure of two members is refused", "disclosure-form", raws(lambda r: json.dumps([salt, "x"])))
    refused("a fraction is refused", "json-number", raws(lambda r: json.dumps([salt, "x", 1.5])))
    refused("an exponent is refused", "json-number", raws(lambda r: f'["{salt}","x",1e3]'))
    refused("NaN is refused", "json-number", raws(lambda r: f'["{salt}","x",NaN]'))
    refused("2^53 is refused", "json-number", raws(lambda r: json.dumps([salt, "x", 2**53])))
    refused("17 levels are refused", "json-too-deep", raws(lambda r: f'["{salt}","x",{"[" * 16}{"]" * 16}]'))
    refused("5,000 levels are refused", "json-too-deep", raws(lambda r: f'["{salt}","x",{"[" * 5000}{"]" * 5000}]'))
    refused("half a surrogate pair is refused", "json-invalid", raws(lambda r: f'["{salt}","x","\\ud800"]'))
    refused("a byte order mark is refused", "json-invalid", raws(lambda r: f'\ufeff["{salt}","x",1]'))
    refused("a chain with another number is refused", "chain-broken", {4: {"fields": {"chain": {"n": 2}}}})
    refused("a chain that names another leaf is refused", "chain-broken",
            {4: {"fields": {"chain": {"n": 3, "prev_index": 3, "prev_leaf": "00" * 32}}}})
    refused("a chain that does not begin with `collected` is refused", "chain-start", {1: {"fields": {"kind": "exported"}}})
    refused("a sealed head with another leaf is refused", "chain-head", rows={"head": {"n": 3, "index": 4, "leaf": "00" * 32}})
    refused("a chain longer than its files is refused", "chain-incomplete", rows={"head": {"n": 4, "index": 4, "leaf": "00" * 32}})
    refused("a withheld entry nobody lists is refused", "entry-left-over", rows={"withheld": [{"index": 2, "reason": "internal"}]})
    refused("a shown entry listed as withheld is refused", "withheld-wrong", rows={"withheld": [{"index": n, "reason": "other"} for n in (2, 3, 4)]})
    refused("an item that is not there is refused", "chain-incomplete", rows={"item": "i-000000000001"})
    refused("contents of another form are refused", "contents-form", rows={"head": None})
    refused("a sealing entry about another dossier is refused", "sealed-wrong", {5: {"fields": {"subject": "d-000000000001"}}})
    refused("digests of another length are refused", "evidence-differs",
            {1: {"fields": {"digests": {"sha256": hashlib.sha256(b"evidence").hexdigest(), "bytes": 9}}}})
    refused("an entry 0 of another kind is refused", "founded-kind", {0: {"fields": {"kind": "checked"}}})
    claim("16 levels and 2^53 - 1 are good", save(forge(raws(lambda r: f'["{salt}","x",{"[" * 15}{2**53 - 1}{"]" * 15}]')), temp / "t.tar"), policy, 0, "good:")
    weak = forge()
    weak["data/log/checkpoint"] = weak["data/log/checkpoint"].replace(b"\n6\n", b"\n06\n")
    claim("a size with a leading zero is refused", save(remake(weak), temp / "t.tar"), policy, 6, "  checkpoint-form: ")


def policy_claims(sample_tar, sample_policy, temp):
    def policy(text):
        (temp / "policy").write_text(text)
        return temp / "policy"

    line = LOG.note_key(ORIGIN, 1)[1]
    claim("another log in the policy is refused", sample_tar, policy(f"log {line}\nquorum none\n"), 6, "  log-unknown: ")
    name = sample_policy.read_text().split("log ")[1].split("+")[0]
    claim("another key for the same log is refused", sample_tar, policy(f"log {Signer('x').note_key(name, 1)[1]}\nquorum none\n"), 6,
          "  checkpoint-signature: ", "not good")
    claim("with no policy, whose log it is is unproven", sample_tar, None, 0, "UNPROVEN", "Whose log this is")
    witness = f"log {line}\nwitness w {WITNESS.note_key('w.invalid', 4)[1]}\nwitness v {Signer('v').note_key('v.invalid', 4)[1]}\n"
    with_one, wrong = forge(cosign=b"\0\0\0\0\0\0\0\7"), forge(cosign=b"\0\0\0\0\0\0\0\x08")
    save(with_one, temp / "w.tar")
    claim("a quorum of one witness is met", temp / "w.tar", policy(witness + "group g any w v\nquorum g\n"), 0, "good:")
    claim("a quorum of two witnesses is missed", temp / "w.tar", policy(witness + "group g 2 w v\nquorum g\n"), 6, "  quorum-missed: ")
    claim("a cosignature with another time is refused", save(wrong, temp / "w.tar"), policy(witness + "quorum w\n"), 6, "  checkpoint-signature: ")
    for text, lines in (("a log twice", f"log {line}\nlog {line}\n"), ("a witness key twice", witness + witness.split("\n")[1].replace(" w ", " u ") + "\n"),
                        ("a member in two groups", witness + "group g any w\ngroup h any w\n"), ("three of two", witness + "group g 3 w v\n"),
                        ("a group of strangers", witness + "group g any x\n"), ("a word nobody knows", f"log {line}\nallow all\n"),
                        ("a witness key as log key", "log " + witness.split()[4] + "\n"), ("a key of one part", "log x\n")):
        claim(f"{text} in a policy is wrong use", sample_tar, policy(lines + "quorum none\n"), 2, "cannot be used")
    claim("a policy without quorum is wrong use", sample_tar, policy(f"log {line}\n"), 2, "cannot be used")
    claim("a verifier key with another id is wrong use", sample_tar, policy(f"log {line.replace('+', '+0', 1)}\nquorum none\n"), 2, "cannot be used")
    claim("a dossier that is not there is wrong use", temp / "nothing", None, 2, "cannot be used")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sample_tar, policy = Path(sys.argv[1]), Path(sys.argv[2])
    sample = load(sample_tar)
    with tempfile.TemporaryDirectory() as temp:
        temp = Path(temp)
        claim("the sample passes", sample_tar, policy, 0, "PROVEN", "ASSERTED", "MISSING", "use openssl ts -verify", "good: no fault found")
        claim("the sample passes when its manifests are made again", save(remake(dict(sample)), temp / "t.tar"), policy, 0, "good:")
        bag_claims(sample, policy, temp)
        log_claims(sample, policy, temp)
        flipped_bit_claims(sample, policy)
        container_claims(sample, policy, temp)
        forged_claims(temp)
        policy_claims(sample_tar, policy, temp)
    print(f"{COUNT - len(FAILED)} of {COUNT} claims hold")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
