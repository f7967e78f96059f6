// Command strangers reads a published log over HTTP with libraries that know nothing of ours, and keeps a key
// for a witness that wants an ssh-agent.
//
//	strangers tlog <url> <log vkey> <old size> <old root>     golang.org/x/mod: all entries included, old tree extended
//	strangers torchwood <url> <policy>                        filippo.io/torchwood: quorum, every tile and entry
//	strangers cosigned <checkpoint> <log vkey> <witness vkey> transparency-dev/formats: the cosignature's time
//	strangers agent <socket>                                  ssh-agent for the Ed25519 seed on standard input, in hex
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 5 && args[0] == "tlog":
		return readWithTlog(args[1], args[2], args[3], args[4])
	case len(args) == 3 && args[0] == "torchwood":
		return readWithTorchwood(args[1], args[2])
	case len(args) == 4 && args[0] == "cosigned":
		return checkCosigned(args[1], args[2], args[3])
	case len(args) == 2 && args[0] == "agent":
		return serveAgent(args[1])
	}
	return errors.New("usage: see main.go")
}

// web is a log at a URL: a tlog.TileReader of tiles of height 8, whose paths in tlog-tiles do not repeat it.
type web struct {
	url   string
	saved map[tlog.Tile][]byte
}

func (w web) get(path string) ([]byte, error) {
	response, err := http.Get(w.url + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func (w web) Height() int { return torchwood.TileHeight }

func (w web) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, found := w.saved[tile]
		if !found {
			var err error
			if data, err = w.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)); err != nil {
				return nil, err
			}
		}
		all = append(all, data)
	}
	return all, nil
}

// SaveTiles is handed only what tlog has verified.
func (w web) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for at, tile := range tiles {
		w.saved[tile] = data[at]
	}
}

func (w web) entries(bundle, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: -1, N: bundle, W: int(min(size-bundle<<8, 1<<8))}
	rest, err := w.get(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
	var all [][]byte
	for err == nil && len(rest) > 0 {
		var entry []byte
		entry, rest, err = torchwood.ReadTileEntry(rest)
		all = append(all, entry)
	}
	if err == nil && len(all) != tile.W {
		err = fmt.Errorf("%s: %d entries instead of %d", tile.Path(), len(all), tile.W)
	}
	return all, err
}

func readWithTlog(url, logKey, oldSize, oldRoot string) error {
	location := web{url, map[tlog.Tile][]byte{}}
	tree, err := openTree(location, logKey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, location)
	for bundle := int64(0); bundle<<8 < tree.N; bundle++ {
		entries, err := location.entries(bundle, tree.N)
		if err != nil {
			return err
		}
		if err := checkBundle(tree, bundle<<8, entries, reader); err != nil {
			return fmt.Errorf("bundle %d: %w", bundle, err)
		}
	}
	size, err := strconv.ParseInt(oldSize, 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(oldRoot)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, size, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, size, root)
}

func openTree(location web, logKey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := location.get("checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	checkpoint, _, _, err := log.ParseCheckpoint(data, verifier.Name(), verifier)
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}, nil
}

// checkBundle holds every entry against its leaf, and verifies a proof that the last one is included.
func checkBundle(tree tlog.Tree, first int64, entries [][]byte, reader tlog.HashReader) error {
	var leaves []int64
	for at := range entries {
		leaves = append(leaves, tlog.StoredHashIndex(0, first+int64(at)))
	}
	hashes, err := reader.ReadHashes(leaves)
	if err != nil {
		return err
	}
	for at, entry := range entries {
		if hashes[at] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d does not hash to its leaf", at)
		}
	}
	last := first + int64(len(entries)) - 1
	proof, err := tlog.ProveRecord(tree.N, last, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, last, hashes[len(hashes)-1])
}

func readWithTorchwood(url, policyFile string) error {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return err
	}
	data, err := web{url: url}.get("checkpoint")
	if err != nil {
		return err
	}
	checkpoint, _, err := torchwood.VerifyCheckpoint(data, policy)
	if err != nil {
		return err
	}
	fetcher, err := torchwood.NewTileFetcher(url)
	if err != nil {
		return err
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		return err
	}
	read := int64(0)
	for range client.AllEntries(context.Background(), checkpoint.Tree, 0) {
		read++
	}
	if err := client.Err(); err != nil {
		return err
	}
	if read != checkpoint.N {
		return fmt.Errorf("%d entries instead of %d", read, checkpoint.N)
	}
	return nil
}

func checkCosigned(checkpointFile, logKey, witnessKey string) error {
	data, err := os.ReadFile(checkpointFile)
	if err != nil {
		return err
	}
	byLog, err := note.NewVerifier(logKey)
	if err != nil {
		return err
	}
	byWitness, err := cosignature.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		return err
	}
	signed, err := note.Open(data, note.VerifierList(byLog, byWitness))
	if err != nil {
		return err
	}
	for _, signature := range signed.Sigs {
		if signature.Hash == byWitness.KeyHash() {
			time, err := cosignature.CoSigV1Timestamp(signature)
			fmt.Println(time.Unix())
			return err
		}
	}
	return errors.New("not cosigned")
}

func serveAgent(socket string) error {
	seed, err := io.ReadAll(hex.NewDecoder(os.Stdin))
	if err != nil {
		return err
	}
	keyring, key := agent.NewKeyring(), ed25519.NewKeyFromSeed(seed)
	if err := keyring.Add(agent.AddedKey{PrivateKey: &key}); err != nil {
		return err
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	fmt.Println(ssh.FingerprintSHA256(public))
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go agent.ServeAgent(keyring, connection)
	}
}
