package main

import (
	"net/http"
	"net/netip"
	"strings"
)

// The proxies whose X-Forwarded-* headers are believed. Put the addresses of your ferroway here and nothing else: whoever
// connects from one of them can claim any client address and any scheme.
var trustedProxies = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("::1/128"),
}

func isTrusted(ip netip.Addr) bool {
	for _, proxy := range trustedProxies {
		if proxy.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// peer is the address at the other end of the connection, which nobody can forge.
func peer(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr)
	return address.Addr().Unmap()
}

// clientIP is the address of the client. Every proxy appends the address it was called from to X-Forwarded-For, so the list
// is read from the right, and the first address that is not a trusted proxy is the client. Reading it from the left would
// return whatever the client sent itself.
func clientIP(r *http.Request) string {
	client := peer(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(client); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop
	}
	return client.String()
}

// scheme is how the client reached the first proxy: with TLS ended there, the connection to this service is plain all the
// same. net/http has no notion of it.
func scheme(r *http.Request) string {
	if r.TLS != nil || isTrusted(peer(r)) && r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https"
	}
	return "http"
}

// prefix is what ferroway has stripped off the path (stripPrefix). It belongs in front of every path that is sent back.
func prefix(r *http.Request) string {
	if isTrusted(peer(r)) {
		return r.Header.Get("X-Forwarded-Prefix")
	}
	return ""
}
