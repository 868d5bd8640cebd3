package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
)

// runHTTP sends requests with each protocol that net/http speaks: over TLS HTTP/1.1 and HTTP/2, in the clear HTTP/1.1 and
// HTTP/2 by prior knowledge. The body comes back as it was, and the connection is used again.
func runHTTP(o options) {
	for _, version := range []int{1, 2} {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(version == 1)
		protocols.SetHTTP2(version == 2 && o.ca != "")
		protocols.SetUnencryptedHTTP2(version == 2 && o.ca == "")
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: o.tlsConfig(), Protocols: protocols}}
		scheme := "http"
		if o.ca != "" {
			scheme = "https"
		}
		for range 3 {
			exchange(client, scheme+"://"+o.addr+"/echo", o.host, version)
		}
		fmt.Printf("ok HTTP/%d %s\n", version, scheme)
	}
}

func exchange(client *http.Client, url, host string, version int) {
	body := bytes.Repeat([]byte("0123456789"), 30_000)
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	must(err)
	request.Host = host
	response, err := client.Do(request)
	must(err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	must(err)
	if response.StatusCode != http.StatusOK || response.ProtoMajor != version {
		fail("status %d over %s, want 200 over HTTP/%d", response.StatusCode, response.Proto, version)
	}
	if !bytes.Equal(got, body) {
		fail("%d bytes came back as %d others", len(body), len(got))
	}
	if response.TLS != nil && response.TLS.Version != tls.VersionTLS13 {
		fail("TLS version %x", response.TLS.Version)
	}
}
