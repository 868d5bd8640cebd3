// Clients of the end-to-end tests that are written in Go: of gRPC with grpc-go, and of HTTP with net/http.
//
//	clients grpc [flags] CASE...
//	clients http [flags]
//
// A case that succeeds is a line "ok CASE" on the standard output. Others end the program, with the reason on the standard
// error and status 1.
package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
)

// options say where to and as whom.
type options struct {
	addr, host, sni, ca, cert, key string
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: clients grpc|http [flags] [CASE...]")
	}
	var o options
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&o.addr, "addr", "", "address of the router")
	flags.StringVar(&o.host, "host", "", "host that is asked for")
	flags.StringVar(&o.sni, "sni", "", "host that TLS is asked for, where it is another one")
	flags.StringVar(&o.ca, "ca", "", "authority of the router's certificate; without it there is no TLS")
	flags.StringVar(&o.cert, "cert", "", "certificate of the client")
	flags.StringVar(&o.key, "key", "", "key of the certificate")
	_ = flags.Parse(os.Args[2:])
	switch os.Args[1] {
	case "grpc":
		runGRPC(o, flags.Args())
	case "http":
		runHTTP(o)
	default:
		fail("no client is called %q", os.Args[1])
	}
}

// tlsConfig is nil without TLS.
func (o options) tlsConfig() *tls.Config {
	if o.ca == "" {
		return nil
	}
	pem, err := os.ReadFile(o.ca)
	must(err)
	config := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: cmp.Or(o.sni, o.host)}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		fail("no certificate in %s", o.ca)
	}
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		must(err)
		// Sent whatever authorities the router names.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return config
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
