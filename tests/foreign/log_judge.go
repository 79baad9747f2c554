// Reads a mirrored log with Go's own sumdb/note and sumdb/tlog, and says nothing where all holds.
//
// It is given the mirror's folder, a log's vkey, and a JSON file: {"checkpoints": [notes], "proofs": [{"entry": hex, "index": n}]}.
// Roots, inclusion and consistency are computed by tlog from our tiles, and each is held against our signed checkpoints.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Entry  string
	Index  int64
	Size   int64
	Hashes []string
}

type pair struct {
	Old, New int64
	Hashes   []string
}

type asked struct {
	Checkpoints  []string
	Inclusions   []proof
	Consistences []pair
}

type mirror string

func (m mirror) Height() int                         { return 8 }
func (m mirror) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (m mirror) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(m), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func hashes(texts []string) []tlog.Hash {
	var found []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		check(err)
		found = append(found, hash)
	}
	return found
}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	data, err := os.ReadFile(os.Args[3])
	check(err)
	var given asked
	check(json.Unmarshal(data, &given))
	verifier, err := note.NewVerifier(vkey)
	check(err)

	roots := map[int64]tlog.Hash{}
	var newest tlog.Tree
	for _, text := range given.Checkpoints {
		opened, err := note.Open([]byte(text), note.VerifierList(verifier))
		check(err)
		lines := strings.Split(opened.Text, "\n")
		size, err := strconv.ParseInt(lines[1], 10, 64)
		check(err)
		sum, err := base64.StdEncoding.DecodeString(lines[2])
		check(err)
		var root tlog.Hash
		copy(root[:], sum)
		roots[size] = root
		if size > newest.N {
			newest = tlog.Tree{N: size, Hash: root}
		}
	}

	reader := tlog.TileHashReader(newest, mirror(folder))
	for size, root := range roots {
		computed, err := tlog.TreeHash(size, reader)
		check(err)
		if computed != root {
			log.Fatalf("the root of %d is another", size)
		}
		proven, err := tlog.ProveTree(newest.N, size, reader)
		check(err)
		check(tlog.CheckTree(proven, newest.N, newest.Hash, size, root))
	}
	for _, each := range given.Inclusions {
		entry, err := hex.DecodeString(each.Entry)
		check(err)
		check(tlog.CheckRecord(hashes(each.Hashes), each.Size, roots[each.Size], each.Index, tlog.RecordHash(entry)))
	}
	for _, each := range given.Consistences {
		check(tlog.CheckTree(hashes(each.Hashes), each.New, roots[each.New], each.Old, roots[each.Old]))
	}
	fmt.Printf("%d checkpoints, %d inclusions, %d consistences\n", len(roots), len(given.Inclusions), len(given.Consistences))
}
