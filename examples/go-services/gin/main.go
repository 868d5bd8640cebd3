// A service on Gin that works behind a reverse proxy.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"
)

// The proxies whose X-Forwarded-* headers are believed. Put the addresses of your ferroway here and nothing else.
var trustedProxies = []string{"127.0.0.0/8", "::1/128"}

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8082"), "address to listen on")
	flag.Parse()

	server := &http.Server{
		Addr:              *addr,
		Handler:           routes(),
		ReadHeaderTimeout: 10 * time.Second,
		// Longer than the proxy keeps idle connections (90 s), so that it is the proxy that closes them.
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

	log.Printf("gin listens on %s", *addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery()) // a panic becomes a 500

	// Without this, Gin trusts everybody, and every client can choose its own address. ClientIP reads X-Forwarded-For from
	// the right and stops at the first address that is not listed.
	if err := engine.SetTrustedProxies(trustedProxies); err != nil {
		log.Fatal(err)
	}
	// Gin answers /healthz/ with a redirect to /healthz, without the prefix that the proxy has stripped: better a 404.
	engine.RedirectTrailingSlash = false

	engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	engine.Any("/inspect", inspect)
	engine.Any("/inspect/*rest", inspect)
	engine.GET("/redirect", redirect)
	engine.GET("/secure", secure)
	engine.GET("/panic", func(*gin.Context) { panic("on purpose") })
	engine.GET("/slow", slow)
	engine.GET("/stream", stream)
	engine.POST("/upload", upload)
	engine.GET("/ws", echo)
	return engine
}

// fromProxy tells whether the request came over a trusted proxy. Gin checks that for ClientIP only.
func fromProxy(c *gin.Context) bool {
	peer, err := netip.ParseAddr(c.RemoteIP())
	if err != nil {
		return false
	}
	for _, proxy := range trustedProxies {
		if netip.MustParsePrefix(proxy).Contains(peer.Unmap()) {
			return true
		}
	}
	return false
}

// scheme is how the client reached the first proxy. Gin has no notion of it.
func scheme(c *gin.Context) string {
	if c.Request.TLS != nil || fromProxy(c) && c.GetHeader("X-Forwarded-Proto") == "https" {
		return "https"
	}
	return "http"
}

// prefix is what ferroway has stripped off the path (stripPrefix). It belongs in front of every path that is sent back.
func prefix(c *gin.Context) string {
	if fromProxy(c) {
		return c.GetHeader("X-Forwarded-Prefix")
	}
	return ""
}

// inspect shows the request as this service sees it.
func inspect(c *gin.Context) {
	rawPath, _, _ := strings.Cut(c.Request.RequestURI, "?")
	c.JSON(http.StatusOK, gin.H{
		"framework": "gin",
		"method":    c.Request.Method,
		"path":      c.Request.URL.Path,
		"rawPath":   rawPath,
		"query":     c.Request.URL.RawQuery,
		"host":      c.Request.Host, // the client's own Host: ferroway passes it on unless passHostHeader is false
		"scheme":    scheme(c),
		"clientIP":  c.ClientIP(),
		"peer":      c.Request.RemoteAddr, // the connection of the proxy
		"headers":   c.Request.Header,
	})
}

// redirect leads to /inspect: by a path, or with ?to=absolute by a whole URL.
func redirect(c *gin.Context) {
	target := prefix(c) + "/inspect"
	if c.Query("to") == "absolute" {
		target = scheme(c) + "://" + c.Request.Host + target
	}
	c.Redirect(http.StatusFound, target)
}

// secure insists on https. Judged by Request.TLS alone, this would redirect for ever behind a proxy that ends TLS.
func secure(c *gin.Context) {
	if scheme(c) != "https" {
		c.Redirect(http.StatusFound, "https://"+c.Request.Host+prefix(c)+c.Request.URL.Path)
		return
	}
	c.String(http.StatusOK, "secure\n")
}

// slow answers after ?ms= milliseconds, unless the client has gone.
func slow(c *gin.Context) {
	select {
	case <-time.After(millis(c.Query("ms"))):
		c.String(http.StatusOK, "slow\n")
	case <-c.Request.Context().Done():
	}
}

// stream sends ?n= pieces, one each ?ms= milliseconds. Flush makes each of them leave at once.
func stream(c *gin.Context) {
	n, _ := strconv.Atoi(c.Query("n"))
	c.Header("Content-Type", "text/plain; charset=utf-8")
	for i := range n {
		fmt.Fprintf(c.Writer, "piece %d\n", i)
		c.Writer.Flush()
		select {
		case <-time.After(millis(c.Query("ms"))):
		case <-c.Request.Context().Done():
			return
		}
	}
}

// upload counts and hashes the body while it arrives.
func upload(c *gin.Context) {
	hash := sha256.New()
	size, err := io.Copy(hash, c.Request.Body)
	if err != nil {
		c.String(http.StatusBadRequest, err.Error())
		return
	}
	c.JSON(http.StatusOK, gin.H{"bytes": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

// echo sends back every WebSocket message. Accept compares Origin with Host, which works because the proxy passes Host on.
func echo(c *gin.Context) {
	conn, err := websocket.Accept(c.Writer, c.Request, nil)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(c.Request.Context())
		if err != nil {
			return
		}
		if err := conn.Write(c.Request.Context(), kind, message); err != nil {
			return
		}
	}
}

func millis(text string) time.Duration {
	ms, _ := strconv.Atoi(text)
	return time.Duration(ms) * time.Millisecond
}
