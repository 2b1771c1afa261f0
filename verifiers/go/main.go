// Checks a Holdfast log and its proofs with the transparency-log code of the
// Go project, so that nothing here shares a line with Holdfast itself.
//
// With Debian's golang and golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go log DIR VKEYFILE
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage:
  log DIR VKEYFILE                          rebuild the whole log and compare its root
  proof VKEYFILE RECORDFILE PROOFFILE       check one record's inclusion proof
  consistency VKEYFILE OLDCHECKPOINT DIR    check that the log still begins as it once did`

// A bundle and a tile of tlog-tiles hold up to 2^8 entries or hashes.
const tileHeight = 8
const tileWidth = 1 << tileHeight
const proofHeader = "c2sp.org/tlog-proof@v1"

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED:", err)
		os.Exit(1)
	}
	fmt.Println("good:", said)
}

func run(args []string) (string, error) {
	switch {
	case len(args) == 3 && args[0] == "log":
		return checkLog(args[1], args[2])
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "consistency":
		return checkConsistency(args[1], args[2], args[3])
	}
	return "", errors.New(usage)
}

func checkLog(dir, keyFile string) (string, error) {
	now, err := readCheckpoint(filepath.Join(dir, "checkpoint"), keyFile)
	if err != nil {
		return "", err
	}
	hashes, err := rebuild(dir, now)
	if err != nil {
		return "", err
	}
	tiles, err := checkTiles(dir, now.size, hashes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries and %d tiles give the signed root %v of %s", now.size, tiles, now.root, now.origin), nil
}

func checkProof(keyFile, recordFile, proofFile string) (string, error) {
	record, err := os.ReadFile(recordFile)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return "", err
	}
	index, proof, signed, err := parseProof(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", proofFile, err)
	}
	now, err := openCheckpoint(signed, keyFile)
	if err != nil {
		return "", fmt.Errorf("%s: %w", proofFile, err)
	}
	if err := tlog.CheckRecord(proof, now.size, now.root, index, tlog.RecordHash(record)); err != nil {
		return "", fmt.Errorf("%s is not entry %d of the log of %d: %w", recordFile, index, now.size, err)
	}
	// A check that cannot fail proves nothing: one byte more must be refused.
	longer := append(append([]byte{}, record...), 'x')
	if tlog.CheckRecord(proof, now.size, now.root, index, tlog.RecordHash(longer)) == nil {
		return "", errors.New("the proof also accepts a record with one byte more")
	}
	return fmt.Sprintf("entry %d of %d in %s", index, now.size, now.origin), nil
}

func checkConsistency(keyFile, oldFile, dir string) (string, error) {
	old, err := readCheckpoint(oldFile, keyFile)
	if err != nil {
		return "", err
	}
	now, err := readCheckpoint(filepath.Join(dir, "checkpoint"), keyFile)
	if err != nil {
		return "", err
	}
	if old.origin != now.origin {
		return "", fmt.Errorf("the old checkpoint is of %q, the log is %q", old.origin, now.origin)
	}
	if old.size > now.size {
		return "", fmt.Errorf("the log shrank from %d to %d entries", old.size, now.size)
	}
	hashes, err := rebuild(dir, now)
	if err != nil {
		return "", err
	}
	was, err := rootOf(old.size, hashes)
	if err != nil {
		return "", err
	}
	if was != old.root {
		return "", fmt.Errorf("the first %d entries give root %v, the old checkpoint says %v: the log was rewritten", old.size, was, old.root)
	}
	if old.size > 0 {
		proof, err := tlog.ProveTree(now.size, old.size, hashes)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(proof, now.size, now.root, old.size, old.root); err != nil {
			return "", fmt.Errorf("consistency from %d to %d: %w", old.size, now.size, err)
		}
	}
	return fmt.Sprintf("%s grew from %d to %d entries and kept its beginning", now.origin, old.size, now.size), nil
}

func readCheckpoint(file, keyFile string) (checkpoint, error) {
	signed, err := os.ReadFile(file)
	if err != nil {
		return checkpoint{}, err
	}
	now, err := openCheckpoint(signed, keyFile)
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %w", file, err)
	}
	return now, nil
}

func openCheckpoint(signed []byte, keyFile string) (checkpoint, error) {
	var none checkpoint
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return none, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return none, fmt.Errorf("%s: %w", keyFile, err)
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return none, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return none, errors.New("a checkpoint has an origin, a size and a root line")
	}
	if lines[0] != verifier.Name() {
		return none, fmt.Errorf("the origin is %q, the key is named %q", lines[0], verifier.Name())
	}
	size, err := number(lines[1])
	if err != nil {
		return none, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return none, err
	}
	return checkpoint{lines[0], size, root}, nil
}

func parseProof(text string) (int64, tlog.RecordProof, []byte, error) {
	head, signed, found := strings.Cut(text, "\n\n")
	if !found {
		return 0, nil, nil, errors.New("no blank line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return 0, nil, nil, fmt.Errorf("the first line is not %s", proofHeader)
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[0], "extra ")); err != nil {
			return 0, nil, nil, fmt.Errorf("extra line: %w", err)
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return 0, nil, nil, errors.New("no index line")
	}
	index, err := number(strings.TrimPrefix(lines[0], "index "))
	if err != nil {
		return 0, nil, nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, nil, nil, fmt.Errorf("hash line %q: %w", line, err)
		}
		proof = append(proof, hash)
	}
	return index, proof, []byte(signed), nil
}

// A number is decimal, without sign or leading zero.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%q is not a plain number", text)
	}
	return n, nil
}

// rebuilt holds every hash of the tree, in the order of tlog.StoredHashIndex.
type rebuilt []tlog.Hash

func (r rebuilt) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, i := range indexes {
		if i < 0 || i >= int64(len(r)) {
			return nil, fmt.Errorf("no stored hash %d", i)
		}
		out = append(out, r[i])
	}
	return out, nil
}

func rebuild(dir string, now checkpoint) (rebuilt, error) {
	var hashes rebuilt
	for n := int64(0); n < now.size; n += tileWidth {
		width := now.size - n
		if width > tileWidth {
			width = tileWidth
		}
		entries, err := readBundle(dir, n/tileWidth, int(width))
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			more, err := tlog.StoredHashesForRecordHash(n+int64(i), tlog.RecordHash(entry), hashes)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, more...)
		}
	}
	root, err := rootOf(now.size, hashes)
	if err != nil {
		return nil, err
	}
	if root != now.root {
		return nil, fmt.Errorf("the %d entries in %s give root %v, the signed checkpoint says %v", now.size, dir, root, now.root)
	}
	return hashes, nil
}

func rootOf(size int64, hashes rebuilt) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil // older x/mod answers zeroes here
	}
	return tlog.TreeHash(size, hashes)
}

func readBundle(dir string, n int64, width int) ([][]byte, error) {
	data, full, err := readTile(dir, "entries", n, width)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for rest := data; len(rest) > 0 && len(entries) < tileWidth; {
		if len(rest) < 2 || len(rest)-2 < int(binary.BigEndian.Uint16(rest)) {
			return nil, fmt.Errorf("entry bundle %d ends inside an entry", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		entries = append(entries, rest[2:end])
		data, rest = rest[end:], rest[end:]
	}
	if len(data) > 0 || len(entries) < width || (!full && len(entries) > width) {
		return nil, fmt.Errorf("entry bundle %d holds %d entries and %d bytes more, expected %d entries", n, len(entries), len(data), width)
	}
	return entries[:width], nil
}

// checkTiles compares every hash tile of a log of that size with the rebuilt tree.
func checkTiles(dir string, size int64, hashes rebuilt) (int, error) {
	count := 0
	for level, width := 0, size; width > 0; level, width = level+1, width>>tileHeight {
		for n := int64(0); n*tileWidth < width; n++ {
			tile := tlog.Tile{H: tileHeight, L: level, N: n, W: tileWidth}
			if width-n*tileWidth < tileWidth {
				tile.W = int(width - n*tileWidth)
			}
			if err := checkTile(dir, tile, hashes); err != nil {
				return 0, err
			}
			count++
		}
	}
	return count, nil
}

func checkTile(dir string, tile tlog.Tile, hashes rebuilt) error {
	want, err := tlog.ReadTileData(tile, hashes)
	if err != nil {
		return err
	}
	got, full, err := readTile(dir, strconv.Itoa(tile.L), tile.N, tile.W)
	if err != nil {
		return err
	}
	length := len(want)
	if full {
		length = tileWidth * tlog.HashSize
	}
	if len(got) != length || !bytes.Equal(got[:len(want)], want) {
		return fmt.Errorf("tile %d of level %d does not follow from the entries", tile.N, tile.L)
	}
	return nil
}

// readTile reads the partial tile of that width, or the full one that replaced it.
func readTile(dir, level string, n int64, width int) (data []byte, full bool, err error) {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = filepath.Join(dir, "tile", level, filepath.FromSlash(path))
	if width < tileWidth {
		data, err = os.ReadFile(filepath.Join(path+".p", strconv.Itoa(width)))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return data, false, err
		}
	}
	data, err = os.ReadFile(path)
	return data, true, err
}
