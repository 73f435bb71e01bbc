// Command demarche asks one or several servers who stands where in a text, and prints it as a table.
package main

//go:generate ./generate

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	pb "example.com/demarche/demarchev1"
)

const usage = `usage: go run . ADDRESS[,ADDRESS...] TEXT
DEMARCHE_TOKEN  bearer token
DEMARCHE_CA     file with the authority's certificate, PEM; switches TLS on`

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(64)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, Explain(err))
		os.Exit(1)
	}
}

func run(addresses, text string) error {
	access := Access{Token: os.Getenv("DEMARCHE_TOKEN")}
	if file := os.Getenv("DEMARCHE_CA"); file != "" {
		ca, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		access.CA = ca
	}
	client, err := Connect(addresses, access)
	if err != nil {
		return err
	}
	defer client.Close()
	answer, err := client.Classify(context.Background(), &pb.ClassifyRequest{Article: &pb.Article{Text: text}})
	if err != nil {
		return err
	}
	return Print(os.Stdout, text, answer)
}

// Print writes a line for each row, with the sentence that it rests on most.
func Print(out io.Writer, text string, answer *pb.ClassifyResponse) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HOLDER\tSTANCE\tTOWARD\tCONFIDENCE\tEVIDENCE")
	for _, country := range answer.Countries {
		for _, row := range country.Stances {
			sentence := text[row.Evidence[0].StartOffset:row.Evidence[0].EndOffset]
			stance := strings.ToLower(strings.TrimPrefix(row.Stance.String(), "STANCE_"))
			fmt.Fprintf(table, "%s\t%s\t%s\t%.2f\t%s\n",
				country.Party.DisplayName, stance, toward(row.Target), row.Confidence, sentence)
		}
	}
	return table.Flush()
}

func toward(target *pb.Target) string {
	if party := target.GetParty(); party != nil {
		return party.DisplayName
	}
	return target.GetIssue()
}

// Explain tells all that an error carries: what is wrong, the reason for programs, the bad fields, and when the same
// call may be made again.
func Explain(err error) string {
	status, ok := status.FromError(err)
	if !ok {
		return err.Error()
	}
	lines := []string{fmt.Sprintf("%v: %s", status.Code(), status.Message())}
	for _, detail := range status.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			lines = append(lines, fmt.Sprintf("reason: %s %v", detail.Reason, detail.Metadata))
		case *errdetails.BadRequest:
			for _, field := range detail.FieldViolations {
				lines = append(lines, fmt.Sprintf("field %s: %s", field.Field, field.Description))
			}
		case *errdetails.RetryInfo:
			lines = append(lines, fmt.Sprintf("try again in %v", detail.RetryDelay.AsDuration()))
		}
	}
	return strings.Join(lines, "\n")
}
