module github.com/ferroway/ferroway/examples/go-services/echo

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/labstack/echo/v5 v5.4.4
)

require golang.org/x/time v0.15.0 // indirect
