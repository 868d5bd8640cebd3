// A service on Echo that works behind a reverse proxy.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

// The proxies whose X-Forwarded-* headers are believed: those on this machine. Echo would trust all private networks, too,
// so these are switched off. For a ferroway elsewhere, add echo.TrustIPRange with its addresses.
var trust = []echo.TrustOption{
	echo.TrustLoopback(true),
	echo.TrustLinkLocal(false),
	echo.TrustPrivateNet(false),
}

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8083"), "address to listen on")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.Printf("echo listens on %s", *addr)
	config := echo.StartConfig{
		Address:    *addr,
		HideBanner: true,
		HidePort:   true,
		BeforeServeFunc: func(server *http.Server) error {
			// Longer than the proxy keeps idle connections (90 s), so that it is the proxy that closes them.
			server.IdleTimeout = 2 * time.Minute
			return nil
		},
	}
	if err := config.Start(ctx, routes()); err != nil {
		log.Fatal(err)
	}
}

func routes() *echo.Echo {
	e := echo.New()
	e.Use(middleware.Recover()) // a panic becomes a 500

	// RealIP reads X-Forwarded-For from the right and stops at the first address that is not trusted.
	e.IPExtractor = echo.ExtractIPFromXFFHeader(trust...)
	// Scheme believes X-Forwarded-Proto of the same proxies.
	e.SchemeExtractor = echo.ExtractSchemeFromHeaders(trust...)

	e.GET("/healthz", func(c *echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.Any("/inspect", inspect)
	e.Any("/inspect/*", inspect)
	e.GET("/redirect", redirect)
	e.GET("/secure", secure)
	e.GET("/panic", func(*echo.Context) error { panic("on purpose") })
	e.GET("/slow", slow)
	e.GET("/stream", stream)
	e.POST("/upload", upload)
	e.GET("/ws", echoMessages)
	return e
}

// prefix is what ferroway has stripped off the path (stripPrefix). It belongs in front of every path that is sent back.
func prefix(c *echo.Context) string {
	host, _, _ := net.SplitHostPort(c.Request().RemoteAddr)
	if peer := net.ParseIP(host); peer != nil && peer.IsLoopback() {
		return c.Request().Header.Get("X-Forwarded-Prefix")
	}
	return ""
}

// inspect shows the request as this service sees it.
func inspect(c *echo.Context) error {
	r := c.Request()
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	return c.JSON(http.StatusOK, map[string]any{
		"framework": "echo",
		"method":    r.Method,
		"path":      r.URL.Path,
		"rawPath":   rawPath,
		"query":     r.URL.RawQuery,
		"host":      r.Host, // the client's own Host: ferroway passes it on unless passHostHeader is false
		"scheme":    c.Scheme(),
		"clientIP":  c.RealIP(),
		"peer":      r.RemoteAddr, // the connection of the proxy
		"headers":   r.Header,
	})
}

// redirect leads to /inspect: by a path, or with ?to=absolute by a whole URL.
func redirect(c *echo.Context) error {
	target := prefix(c) + "/inspect"
	if c.QueryParam("to") == "absolute" {
		target = c.Scheme() + "://" + c.Request().Host + target
	}
	return c.Redirect(http.StatusFound, target)
}

// secure insists on https. Judged by Request().TLS alone, this would redirect for ever behind a proxy that ends TLS.
func secure(c *echo.Context) error {
	r := c.Request()
	if c.Scheme() != "https" {
		return c.Redirect(http.StatusFound, "https://"+r.Host+prefix(c)+r.URL.Path)
	}
	return c.String(http.StatusOK, "secure\n")
}

// slow answers after ?ms= milliseconds, unless the client has gone.
func slow(c *echo.Context) error {
	select {
	case <-time.After(millis(c.QueryParam("ms"))):
		return c.String(http.StatusOK, "slow\n")
	case <-c.Request().Context().Done():
		return nil
	}
}

// stream sends ?n= pieces, one each ?ms= milliseconds. Flush makes each of them leave at once.
func stream(c *echo.Context) error {
	n, _ := strconv.Atoi(c.QueryParam("n"))
	w := c.Response()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for i := range n {
		fmt.Fprintf(w, "piece %d\n", i)
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-time.After(millis(c.QueryParam("ms"))):
		case <-c.Request().Context().Done():
			return nil
		}
	}
	return nil
}

// upload counts and hashes the body while it arrives.
func upload(c *echo.Context) error {
	hash := sha256.New()
	size, err := io.Copy(hash, c.Request().Body)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"bytes": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

// echoMessages sends back every WebSocket message. Accept compares Origin with Host, which works because the proxy passes
// Host on.
func echoMessages(c *echo.Context) error {
	ctx := c.Request().Context()
	conn, err := websocket.Accept(c.Response(), c.Request(), nil)
	if err != nil {
		return nil // Accept has answered
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(ctx)
		if err != nil {
			return nil
		}
		if err := conn.Write(ctx, kind, message); err != nil {
			return nil
		}
	}
}

func millis(text string) time.Duration {
	ms, _ := strconv.Atoi(text)
	return time.Duration(ms) * time.Millisecond
}
