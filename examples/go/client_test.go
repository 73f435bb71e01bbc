// Against real servers, whose addresses are in DEMARCHE_ADDRESS: "127.0.0.1:50051" or several, with commas.

package main

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"

	pb "example.com/demarche/demarchev1"
)

const text = "😀 It rained. China condemned the sanctions of the United States."

// Nobody listens there.
const nobody = "127.0.0.1:1"

func addresses(t *testing.T) string {
	addresses := os.Getenv("DEMARCHE_ADDRESS")
	if addresses == "" {
		t.Fatal("DEMARCHE_ADDRESS must be the address of a server, or of several")
	}
	return addresses
}

func connect(t *testing.T, addresses string) *Client {
	client, err := Connect(addresses, Access{Token: "not asked for"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func request(text string) *pb.ClassifyRequest {
	return &pb.ClassifyRequest{Article: &pb.Article{Text: text}}
}

func TestTheTableTellsWhoStandsWhereWithTheSentence(t *testing.T) {
	answer, err := connect(t, addresses(t)).Classify(context.Background(), request(text))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := Print(&table, text, answer); err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(
		`(?m)^China +opposed +.+ 0\.\d\d +China condemned the sanctions of the United States\.$`)
	if !row.MatchString(table.String()) {
		t.Errorf("no such row:\n%s", table.String())
	}
}

func TestAnErrorTellsReasonAndField(t *testing.T) {
	_, err := connect(t, addresses(t)).Classify(context.Background(), request(" "))
	if err == nil {
		t.Fatal("white space was answered")
	}
	const expected = "InvalidArgument: article.text must hold more than white space\n" +
		"reason: TEXT_EMPTY map[field:article.text]\n" +
		"field article.text: must hold more than white space"
	if told := Explain(err); told != expected {
		t.Errorf("told:\n%s\nexpected:\n%s", told, expected)
	}
}

func TestCallsGoRoundAllServers(t *testing.T) {
	all := strings.Split(addresses(t), ",")
	client := connect(t, addresses(t))
	called := map[string]int{}
	// Until all are connected, in whatever order.
	for limit := time.Now().Add(20 * time.Second); len(called) < len(all); {
		if time.Now().After(limit) {
			t.Fatalf("of %v only these were called in 20 s: %v", all, called)
		}
		called[calls(t, client)]++
	}
	called = map[string]int{}
	for n := 0; n < 10*len(all); n++ {
		called[calls(t, client)]++
	}
	for _, address := range all {
		if called[address] != 10 {
			t.Errorf("%s: %d calls, not 10: %v", address, called[address], called)
		}
	}
}

// Makes a call and tells which server answered.
func calls(t *testing.T, client *Client) string {
	var answered peer.Peer
	if _, err := client.Classify(context.Background(), request(text), grpc.Peer(&answered)); err != nil {
		t.Fatal(err)
	}
	return answered.Addr.String()
}

func TestAServerThatIsNotThereCostsNoCall(t *testing.T) {
	client := connect(t, nobody+","+addresses(t))
	for n := 0; n < 20; n++ {
		calls(t, client)
	}
}

func TestNoServerIsAnError(t *testing.T) {
	_, err := connect(t, nobody).Classify(context.Background(), request(text))
	if err == nil || !strings.HasPrefix(Explain(err), "Unavailable: ") {
		t.Errorf("not Unavailable: %v", err)
	}
}
