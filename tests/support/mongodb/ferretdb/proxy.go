package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"go.mongodb.org/mongo-driver/bson"
)

const (
	headerSize   = 16
	maxMessage   = 48 * 1000 * 1000
	opMsg        = 2013
	moreToCome   = 1 << 1 // a flag: the sender expects no answer
	sectionsAt   = headerSize + 4
	documentAt   = sectionsAt + 1
	documentKind = 0
)

// Commands that only read. Every other one runs alone.
var reading = map[string]bool{
	"aggregate": true, "buildInfo": true, "count": true, "distinct": true, "endSessions": true,
	"find": true, "getMore": true, "hello": true, "isMaster": true, "ismaster": true,
	"killCursors": true, "listCollections": true, "listDatabases": true, "listIndexes": true,
	"ping": true, "serverStatus": true,
}

// A proxy stands before FerretDB, which reads, filters and writes in separate steps. It lets one
// writing command through at a time, so that each acts as one step; and it takes the expiry from
// indexes, which FerretDB refuses: then what expired is not removed.
type proxy struct {
	database   string // where FerretDB listens
	interleave bool   // do not hold back writing commands
	writes     sync.Mutex
}

func (p *proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			if err := p.converse(client); err != nil && err != io.EOF {
				fmt.Fprintln(os.Stderr, "serve:", err)
			}
		}()
	}
}

// converse carries requests and answers of one connection until either side closes it.
func (p *proxy) converse(client net.Conn) error {
	defer client.Close()
	database, err := net.Dial("tcp", p.database)
	if err != nil {
		return err
	}
	defer database.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		answer, err := p.exchange(database, request)
		if err != nil {
			return err
		}
		if answer == nil {
			continue
		}
		if _, err := client.Write(answer); err != nil {
			return err
		}
	}
}

// exchange sends a request and returns the answer, or nil if none is expected.
func (p *proxy) exchange(database net.Conn, request []byte) ([]byte, error) {
	quiet := false
	if isMsg(request) {
		flags := binary.LittleEndian.Uint32(request[headerSize:])
		quiet = flags&moreToCome != 0
		binary.LittleEndian.PutUint32(request[headerSize:], flags&^moreToCome)
		name := command(request)
		if name == "createIndexes" {
			var err error
			if request, err = withoutExpiry(request); err != nil {
				return nil, err
			}
		}
		if !p.interleave && !reading[name] {
			p.writes.Lock()
			defer p.writes.Unlock()
		}
	}
	if _, err := database.Write(request); err != nil {
		return nil, err
	}
	answer, err := readMessage(database)
	if quiet {
		answer = nil
	}
	return answer, err
}

func readMessage(from io.Reader) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length < headerSize || length > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	message := make([]byte, length)
	copy(message, header[:])
	_, err := io.ReadFull(from, message[headerSize:])
	return message, err
}

// isMsg tells whether a request is an OP_MSG that begins with its command, as all drivers send it.
func isMsg(message []byte) bool {
	return len(message) > documentAt && binary.LittleEndian.Uint32(message[12:]) == opMsg &&
		message[sectionsAt] == documentKind
}

// command is the name of the command of an OP_MSG; empty if it is malformed.
func command(message []byte) string {
	document, _, ok := cutDocument(message)
	if !ok {
		return ""
	}
	elements, err := document.Elements()
	if err != nil || len(elements) == 0 {
		return ""
	}
	return elements[0].Key()
}

// cutDocument returns the command of an OP_MSG and what follows it.
func cutDocument(message []byte) (bson.Raw, []byte, bool) {
	rest := message[documentAt:]
	if len(rest) < 4 {
		return nil, nil, false
	}
	length := binary.LittleEndian.Uint32(rest)
	if length < 5 || uint64(length) > uint64(len(rest)) {
		return nil, nil, false
	}
	return bson.Raw(rest[:length]), rest[length:], true
}

// withoutExpiry returns the same createIndexes without expireAfterSeconds.
func withoutExpiry(message []byte) ([]byte, error) {
	raw, rest, ok := cutDocument(message)
	if !ok {
		return message, nil
	}
	var create bson.D
	if err := bson.Unmarshal(raw, &create); err != nil {
		return nil, err
	}
	for _, field := range create {
		indexes, _ := field.Value.(bson.A)
		for i := range indexes {
			if index, ok := indexes[i].(bson.D); ok {
				indexes[i] = without(index, "expireAfterSeconds")
			}
		}
	}
	document, err := bson.Marshal(create)
	if err != nil {
		return nil, err
	}
	changed := append(append(append([]byte{}, message[:documentAt]...), document...), rest...)
	binary.LittleEndian.PutUint32(changed, uint32(len(changed)))
	return changed, nil
}

func without(document bson.D, key string) bson.D {
	kept := bson.D{}
	for _, field := range document {
		if field.Key != key {
			kept = append(kept, field)
		}
	}
	return kept
}
