// Serves MongoDB's protocol until standard input ends: serve [-interleave] PORT [DIRECTORY], where
// port 0 means a free one. Prints the connection string. With a directory, what was acknowledged
// survives the end of the process; without, nothing does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	interleave := flag.Bool("interleave", false, "let writing commands interleave, as FerretDB by itself does")
	flag.Parse()
	if err := serve(flag.Args(), *interleave); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(arguments []string, interleave bool) error {
	if len(arguments) < 1 || len(arguments) > 2 {
		return fmt.Errorf("usage: serve [-interleave] PORT [DIRECTORY]")
	}
	directory := ""
	if len(arguments) == 2 {
		directory = arguments[1]
		if err := os.MkdirAll(directory, 0o700); err != nil {
			return err
		}
	} else {
		var err error
		if directory, err = os.MkdirTemp("", "marconi-ferretdb-"); err != nil {
			return err
		}
		defer os.RemoveAll(directory)
	}
	database, err := startDatabase(directory)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+arguments[0])
	if err != nil {
		return err
	}
	go (&proxy{database: database, interleave: interleave}).accept(listener)
	fmt.Printf("mongodb://%s\n", listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startDatabase returns the address on which FerretDB itself listens.
func startDatabase(directory string) (string, error) {
	database, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Handler:   "sqlite",
		SQLiteURL: "file:" + directory + "/",
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return "", err
	}
	go database.Run(context.Background())
	uri, err := url.Parse(database.MongoDBURI())
	if err != nil {
		return "", err
	}
	return uri.Host, nil
}
