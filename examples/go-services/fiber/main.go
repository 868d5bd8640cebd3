// A service on Fiber that works behind a reverse proxy. Fiber stands on fasthttp, not on net/http, and differs from the other
// frameworks in what it takes for the same path and in how it finds the client's address.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gofiber/contrib/v3/websocket"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
)

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8084"), "address to listen on")
	strict := flag.Bool("strict", false, "take /healthz and /healthz/ for different paths")
	caseSensitive := flag.Bool("case-sensitive", false, "take /healthz and /Healthz for different paths")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.Printf("fiber listens on %s", *addr)
	err := newApp(*strict, *caseSensitive).Listen(*addr, fiber.ListenConfig{
		GracefulContext:       ctx,
		ShutdownTimeout:       10 * time.Second,
		DisableStartupMessage: true,
	})
	if err != nil {
		log.Fatal(err)
	}
}

func newApp(strict, caseSensitive bool) *fiber.App {
	app := fiber.New(fiber.Config{
		// Fiber is lax by default: /Healthz/ is /healthz. A rule in ferroway is not: Path(`/healthz`) matches only that. A router
		// that guards a path by such a rule (say, with an ipAllowList) is walked around with another spelling as long as these
		// two are off and another router leads to the same service.
		StrictRouting: strict,
		CaseSensitive: caseSensitive,

		// IP and Scheme believe the headers of these proxies only: those on this machine. For a ferroway elsewhere, list its
		// addresses in Proxies.
		TrustProxy:       true,
		TrustProxyConfig: fiber.TrustProxyConfig{Loopback: true},
		// IP returns the leftmost valid address of this header. That is the client because ferroway drops the header of clients
		// that its entry point does not trust (forwardedHeaders.trustedIPs): keep that list short.
		ProxyHeader:        fiber.HeaderXForwardedFor,
		EnableIPValidation: true,

		// Read bodies while they arrive instead of buffering up to BodyLimit, and take more than the 4 MiB of the default.
		StreamRequestBody: true,
		BodyLimit:         64 << 20,

		// Longer than the proxy keeps idle connections (90 s), so that it is the proxy that closes them.
		IdleTimeout: 2 * time.Minute,
	})
	app.Use(recover.New()) // a panic becomes a 500

	app.Get("/healthz", func(c fiber.Ctx) error { return c.SendString("ok\n") })
	app.All("/inspect", inspect)
	app.All("/inspect/*", inspect)
	app.Get("/redirect", redirect)
	app.Get("/secure", secure)
	app.Get("/panic", func(fiber.Ctx) error { panic("on purpose") })
	app.Get("/slow", slow)
	app.Get("/stream", stream)
	app.Post("/upload", upload)
	app.Get("/ws", websocket.New(echo))
	return app
}

// prefix is what ferroway has stripped off the path (stripPrefix). It belongs in front of every path that is sent back.
func prefix(c fiber.Ctx) string {
	if c.IsProxyTrusted() {
		return c.Get("X-Forwarded-Prefix")
	}
	return ""
}

// inspect shows the request as this service sees it.
func inspect(c fiber.Ctx) error {
	rawPath, _, _ := strings.Cut(c.OriginalURL(), "?")
	return c.JSON(fiber.Map{
		"framework": "fiber",
		"method":    c.Method(),
		"path":      c.Path(),
		"rawPath":   rawPath,
		"query":     string(c.RequestCtx().QueryArgs().QueryString()),
		// Host is X-Forwarded-Host of a trusted proxy, which ferroway sets to the client's own Host.
		"host": c.Host(),
		// Scheme also believes X-Forwarded-Protocol, X-Forwarded-Ssl and X-Url-Scheme, which ferroway passes on as they come:
		// the example configuration removes them, or a client could choose its scheme.
		"scheme":   c.Scheme(),
		"clientIP": c.IP(),
		"peer":     c.RequestCtx().RemoteAddr().String(), // the connection of the proxy
		"headers":  c.GetReqHeaders(),
	})
}

// redirect leads to /inspect: by a path, or with ?to=absolute by a whole URL.
func redirect(c fiber.Ctx) error {
	target := prefix(c) + "/inspect"
	if c.Query("to") == "absolute" {
		target = c.Scheme() + "://" + c.Host() + target
	}
	return c.Redirect().Status(fiber.StatusFound).To(target)
}

// secure insists on https. Judged by the connection alone, this would redirect for ever behind a proxy that ends TLS.
func secure(c fiber.Ctx) error {
	if c.Scheme() != "https" {
		return c.Redirect().Status(fiber.StatusFound).To("https://" + c.Host() + prefix(c) + c.Path())
	}
	return c.SendString("secure\n")
}

// slow answers after ?ms= milliseconds. Unlike net/http, fasthttp does not tell a handler that the client has gone.
func slow(c fiber.Ctx) error {
	time.Sleep(time.Duration(fiber.Query[int](c, "ms")) * time.Millisecond)
	return c.SendString("slow\n")
}

// stream sends ?n= pieces, one each ?ms= milliseconds. Flush makes each of them leave at once.
func stream(c fiber.Ctx) error {
	n, pause := fiber.Query[int](c, "n"), time.Duration(fiber.Query[int](c, "ms"))*time.Millisecond
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendStreamWriter(func(w *bufio.Writer) {
		for i := range n {
			fmt.Fprintf(w, "piece %d\n", i)
			if w.Flush() != nil {
				return // the client has gone
			}
			time.Sleep(pause)
		}
	})
}

// upload counts and hashes the body while it arrives. A body that came with its head is not a stream.
func upload(c fiber.Ctx) error {
	var body io.Reader = c.Request().BodyStream()
	if !c.Request().IsBodyStream() {
		body = bytes.NewReader(c.BodyRaw())
	}
	hash := sha256.New()
	size, err := io.Copy(hash, body)
	if err != nil {
		return fiber.NewError(fiber.StatusBadRequest, err.Error())
	}
	return c.JSON(fiber.Map{"bytes": size, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

// echo sends back every WebSocket message. Without Origins in its configuration, every page may connect.
func echo(conn *websocket.Conn) {
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return
		}
	}
}
