// A service on net/http that works behind a reverse proxy. What a proxy changes is in forwarded.go.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8081"), "address to listen on")
	flag.Parse()

	server := &http.Server{
		Addr:              *addr,
		Handler:           routes(),
		ReadHeaderTimeout: 10 * time.Second,
		// Longer than the proxy keeps idle connections (90 s), so that it is the proxy that closes them. The other way round,
		// a request could meet a connection that this side is just closing.
		IdleTimeout: 2 * time.Minute,
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	}()

	log.Printf("nethttp listens on %s", *addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("/inspect", inspect)
	mux.HandleFunc("/inspect/", inspect)
	mux.HandleFunc("GET /redirect", redirect)
	mux.HandleFunc("GET /secure", secure)
	mux.HandleFunc("GET /panic", panics)
	mux.HandleFunc("GET /slow", slow)
	mux.HandleFunc("GET /stream", stream)
	mux.HandleFunc("POST /upload", upload)
	mux.HandleFunc("GET /ws", echo)
	return mux
}

// inspect shows the request as this service sees it.
func inspect(w http.ResponseWriter, r *http.Request) {
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	writeJSON(w, map[string]any{
		"framework": "nethttp",
		"method":    r.Method,
		"path":      r.URL.Path,
		"rawPath":   rawPath,
		"query":     r.URL.RawQuery,
		"host":      r.Host, // the client's own Host: ferroway passes it on unless passHostHeader is false
		"scheme":    scheme(r),
		"clientIP":  clientIP(r),
		"peer":      r.RemoteAddr, // the connection of the proxy
		"headers":   r.Header,
	})
}

// redirect leads to /inspect: by a path, or with ?to=absolute by a whole URL.
func redirect(w http.ResponseWriter, r *http.Request) {
	target := prefix(r) + "/inspect"
	if r.FormValue("to") == "absolute" {
		target = scheme(r) + "://" + r.Host + target
	}
	http.Redirect(w, r, target, http.StatusFound)
}

// secure insists on https. Judged by r.TLS alone, this would redirect for ever behind a proxy that ends TLS.
func secure(w http.ResponseWriter, r *http.Request) {
	if scheme(r) != "https" {
		http.Redirect(w, r, "https://"+r.Host+prefix(r)+r.URL.Path, http.StatusFound)
		return
	}
	io.WriteString(w, "secure\n")
}

// panics shows what net/http does with a panic: it logs it and drops the connection, for which the proxy answers 502. With
// ?late=1 a part of the answer is out already, and all that the proxy can do is to cut off its own.
func panics(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("late") != "" {
		io.WriteString(w, "the beginning\n")
		http.NewResponseController(w).Flush()
	}
	panic("on purpose")
}

// slow answers after ?ms= milliseconds, unless the client has gone: the proxy passes that on by closing the connection.
func slow(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(millis(r.FormValue("ms"))):
		io.WriteString(w, "slow\n")
	case <-r.Context().Done():
	}
}

// stream sends ?n= pieces, one each ?ms= milliseconds. Flush makes each of them leave at once; ferroway does not hold back
// answers without a length.
func stream(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.FormValue("n"))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for i := range n {
		fmt.Fprintf(w, "piece %d\n", i)
		http.NewResponseController(w).Flush()
		select {
		case <-time.After(millis(r.FormValue("ms"))):
		case <-r.Context().Done():
			return
		}
	}
}

// upload counts and hashes the body while it arrives.
func upload(w http.ResponseWriter, r *http.Request) {
	hash := sha256.New()
	size, err := io.Copy(hash, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]any{"bytes": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

// echo sends back every WebSocket message. Accept compares Origin with Host, which works because the proxy passes Host on.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if err := conn.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}

func millis(text string) time.Duration {
	ms, _ := strconv.Atoi(text)
	return time.Duration(ms) * time.Millisecond
}
