package grpc

// NewClient is what gRPC has from 1.63 on. Before 1.34 it also had no credentials that stand for none.
func NewClient(target string, options ...DialOption) (*ClientConn, error) {
	var given dialOptions
	for _, option := range options {
		option.apply(&given)
	}
	if given.copts.TransportCredentials == nil {
		options = append(options, WithInsecure())
	}
	return Dial(target, options...)
}
