// Package insecure is what gRPC has from 1.34 on.
package insecure

import "google.golang.org/grpc/credentials"

// NewCredentials stands for no encryption: see NewClient.
func NewCredentials() credentials.TransportCredentials { return nil }
