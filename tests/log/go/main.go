// Command interop holds the log's files against the formats' reference implementations in Go.
//
//	interop log <directory> <log vkey> <policy>             verify a published log, every tile and entry of it
//	interop receipt <receipt> <entry> <log vkey> <policy>   verify a tlog-proof
//	interop submission <submission> <old root> <log vkey>   verify what a witness is asked to cosign
//	interop make <directory> <log key> <witness key>        publish a receipt and a submission, for the other side
//
// Keys to sign with are written as note.NewSigner wants them.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "log":
		return checkLog(args[1], args[2], args[3])
	case len(args) == 5 && args[0] == "receipt":
		return checkReceipt(args[1], args[2], args[3], args[4])
	case len(args) == 4 && args[0] == "submission":
		return checkSubmission(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "make":
		return publish(args[1], args[2], args[3])
	}
	return errors.New("usage: see main.go")
}

// open verifies the log's signature and the witnesses' quorum.
func open(checkpoint []byte, logKey, policyFile string) (tlog.Tree, error) {
	tree, err := openUncosigned(checkpoint, logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return tlog.Tree{}, err
	}
	policy, err := witness.ParsePolicy(text)
	if err != nil {
		return tlog.Tree{}, err
	}
	if !policy.Satisfied(checkpoint) {
		return tlog.Tree{}, errors.New("no quorum of witnesses")
	}
	return tree, nil
}

func openUncosigned(checkpoint []byte, logKey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	parsed, rest, _, err := log.ParseCheckpoint(checkpoint, verifier.Name(), verifier)
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(rest) != 0 {
		return tlog.Tree{}, errors.New("extension lines")
	}
	return tlog.Tree{N: int64(parsed.Size), Hash: tlog.Hash(parsed.Hash)}, nil
}

// directory reads tiles of height 8, whose paths in tlog-tiles do not repeat the height.
type directory string

func (d directory) path(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	return filepath.Join(string(d), strings.Replace(path, "tile/8/", "tile/", 1))
}

func (d directory) Height() int { return height }

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(d.path(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func checkLog(dir, logKey, policyFile string) error {
	checkpoint, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(checkpoint, logKey, policyFile)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, directory(dir))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the tiles do not make the checkpoint's root")
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		width := int(min(tree.N-first, 1<<height))
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: width}
		if err := checkBundle(directory(dir).path(tile), first, width, reader); err != nil {
			return fmt.Errorf("%s: %w", tile.Path(), err)
		}
	}
	return nil
}

func checkBundle(path string, first int64, width int, reader tlog.HashReader) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for at := range width {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return errors.New("cut short")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first+int64(at))})
		if err != nil {
			return err
		}
		if hashes[0] != tlog.RecordHash(data[2:end]) {
			return fmt.Errorf("entry %d does not hash to its leaf", at)
		}
		data = data[end:]
	}
	if len(data) != 0 {
		return errors.New("bytes after the last entry")
	}
	return nil
}

func checkReceipt(receiptFile, entryFile, logKey, policyFile string) error {
	text, err := os.ReadFile(receiptFile)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	var receipt proof.TLogProof
	if err := receipt.Unmarshal(text); err != nil {
		return err
	}
	if !bytes.Equal(receipt.Marshal(), text) {
		return errors.New("another encoding than Go's")
	}
	tree, err := open(receipt.Checkpoint, logKey, policyFile)
	if err != nil {
		return err
	}
	var hashes tlog.RecordProof
	for _, hash := range receipt.Hashes {
		hashes = append(hashes, hash)
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, int64(receipt.Index), tlog.RecordHash(entry))
}

func checkSubmission(submissionFile, oldRoot, logKey string) error {
	text, err := os.ReadFile(submissionFile)
	if err != nil {
		return err
	}
	old, err := tlog.ParseHash(oldRoot)
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	if !found {
		return errors.New("no blank line")
	}
	lines := strings.Split(head, "\n")
	var size int64
	if _, err := fmt.Sscanf(lines[0], "old %d", &size); err != nil {
		return err
	}
	var hashes tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		hashes = append(hashes, hash)
	}
	tree, err := openUncosigned([]byte(checkpoint), logKey)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, tree.N, tree.Hash, size, old)
}

const (
	madeSize  = 700
	madeOld   = 300
	madeIndex = 433
)

// publish makes a log of 700 entries "entry 0", "entry 1", ... and writes `receipt` for entry 433 and a
// `submission` from size 300.
func publish(dir, logKey, witnessKey string) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for n := range int64(madeSize) {
		hashes, err := tlog.StoredHashes(n, fmt.Appendf(nil, "entry %d", n), reader)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	checkpoint, err := sign(reader, logKey, witnessKey)
	if err != nil {
		return err
	}
	record, err := tlog.ProveRecord(madeSize, madeIndex, reader)
	if err != nil {
		return err
	}
	receipt := proof.TLogProof{Index: madeIndex, Checkpoint: checkpoint, ExtraData: []byte("extra")}
	for _, hash := range record {
		receipt.Hashes = append(receipt.Hashes, hash)
	}
	tree, err := tlog.ProveTree(madeSize, madeOld, reader)
	if err != nil {
		return err
	}
	submission := fmt.Sprintf("old %d\n", madeOld)
	for _, hash := range tree {
		submission += base64.StdEncoding.EncodeToString(hash[:]) + "\n"
	}
	submission += "\n" + string(checkpoint)
	if err := os.WriteFile(filepath.Join(dir, "receipt"), receipt.Marshal(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "submission"), []byte(submission), 0o644)
}

func sign(reader tlog.HashReader, logKey, witnessKey string) ([]byte, error) {
	root, err := tlog.TreeHash(madeSize, reader)
	if err != nil {
		return nil, err
	}
	logSigner, err := note.NewSigner(logKey)
	if err != nil {
		return nil, err
	}
	witnessSigner, err := cosignature.NewSignerForCosignatureV1(witnessKey)
	if err != nil {
		return nil, err
	}
	text := log.Checkpoint{Origin: logSigner.Name(), Size: madeSize, Hash: root[:]}.Marshal()
	return note.Sign(&note.Note{Text: string(text)}, logSigner, witnessSigner)
}
