package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	pb "example.com/demarche/demarchev1"
)

// Calls go round all servers. One that finds no server is made again, up to 5 times.
const serviceConfig = `{
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{"service": "demarche.v1.StanceService", "method": "Classify"}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.1s",
      "maxBackoff": "5s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
}`

// How long one answer may take, all attempts together; sent along, so that the server stops too.
const patience = 20 * time.Second

// A peer that does not answer a ping is gone. Without pings a call would wait for its deadline.
var pings = keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}

// Access is what a server may ask for.
type Access struct {
	CA    []byte // certificate of the authority that the server's comes from, PEM; switches TLS on
	Token string // bearer token
}

// Client calls one or several servers. It connects with the first call.
type Client struct {
	conn    *grpc.ClientConn
	stances pb.StanceServiceClient
}

// Connect takes "host:port", of which all addresses that the name stands for are called, or several, with commas
// between them.
func Connect(addresses string, access Access) (*Client, error) {
	transport, err := transport(access.CA)
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithKeepaliveParams(pings),
		grpc.WithTransportCredentials(transport),
	}
	if access.Token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(access.Token)))
	}
	target := "dns:///" + addresses
	if strings.Contains(addresses, ",") {
		list := list(strings.Split(addresses, ","))
		target = list.Scheme() + ":///demarche"
		options = append(options, grpc.WithResolvers(list))
	}
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, err
	}
	return &Client{conn, pb.NewStanceServiceClient(conn)}, nil
}

// Close ends the connections.
func (c *Client) Close() error { return c.conn.Close() }

// Classify reads one article. Offsets come in bytes, so text[evidence.StartOffset:evidence.EndOffset] is right.
func (c *Client) Classify(
	ctx context.Context, request *pb.ClassifyRequest, options ...grpc.CallOption,
) (*pb.ClassifyResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.stances.Classify(ctx, request, options...)
}

func transport(ca []byte) (credentials.TransportCredentials, error) {
	if ca == nil {
		return insecure.NewCredentials(), nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("the authority's file holds no certificate in PEM")
	}
	return credentials.NewTLS(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}), nil
}

// For addresses that no one name stands for. Each must match the certificate of its own server.
func list(addresses []string) *manual.Resolver {
	var state resolver.State
	for _, address := range addresses {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address, ServerName: address})
	}
	list := manual.NewBuilderWithScheme("list")
	list.InitialState(state)
	return list
}

// Puts the token into the head of each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// Not required, since a mesh may encrypt what leaves here in plain text.
func (bearer) RequireTransportSecurity() bool { return false }
