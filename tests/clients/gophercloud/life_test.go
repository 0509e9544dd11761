// Package gophercloud takes a queue through its whole life with gophercloud's messaging v2.
package gophercloud

import (
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud"
	"github.com/gophercloud/gophercloud/openstack/messaging/v2/claims"
	"github.com/gophercloud/gophercloud/openstack/messaging/v2/messages"
	"github.com/gophercloud/gophercloud/openstack/messaging/v2/queues"
	"github.com/gophercloud/gophercloud/pagination"
)

const queue = "orders"

// Paging that does not advance must fail, not hang.
const enoughPages = 50

func random(t *testing.T) string {
	t.Helper()
	bytes := make([]byte, 16)
	_, err := rand.Read(bytes)
	check(t, "random", err)
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}

func connect(t *testing.T, project string) *gophercloud.ServiceClient {
	t.Helper()
	url := os.Getenv("MARCONI_URL")
	if url == "" {
		t.Fatal("MARCONI_URL names no server")
	}
	return &gophercloud.ServiceClient{
		ProviderClient: &gophercloud.ProviderClient{},
		Endpoint:       url + "/",
		Type:           "messaging",
		MoreHeaders:    map[string]string{"Client-ID": random(t), "X-Project-Id": project},
	}
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func expect(t *testing.T, what string, got, want interface{}) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// numbered makes messages {"n": first} … {"n": last-1}.
func numbered(first, last int) messages.BatchCreateOpts {
	var batch messages.BatchCreateOpts
	for n := first; n < last; n++ {
		batch = append(batch, messages.CreateOpts{TTL: 300, Body: map[string]interface{}{"n": n}})
	}
	return batch
}

func upTo(first, last int) []int {
	var found []int
	for n := first; n < last; n++ {
		found = append(found, n)
	}
	return found
}

func number(body map[string]interface{}) int { return int(body["n"].(float64)) }

// listed pages through the queue and returns the numbers in the bodies and the pages' sizes.
func listed(t *testing.T, client *gophercloud.ServiceClient, opts messages.ListOpts) (numbers, sizes []int) {
	t.Helper()
	err := messages.List(client, queue, opts).EachPage(func(page pagination.Page) (bool, error) {
		found, err := messages.ExtractMessages(page)
		for _, message := range found {
			numbers = append(numbers, number(message.Body))
		}
		sizes = append(sizes, len(found))
		return len(sizes) < enoughPages, err
	})
	check(t, "list", err)
	return numbers, sizes
}

func stats(t *testing.T, client *gophercloud.ServiceClient) queues.Stats {
	t.Helper()
	found, err := queues.GetStats(client, queue).Extract()
	check(t, "stats", err)
	return found
}

func queueNames(t *testing.T, client *gophercloud.ServiceClient) []string {
	t.Helper()
	names := []string{}
	err := queues.List(client, queues.ListOpts{Limit: 1}).EachPage(func(page pagination.Page) (bool, error) {
		found, err := queues.ExtractQueues(page)
		for _, queue := range found {
			names = append(names, queue.Name)
		}
		return len(names) < enoughPages, err
	})
	check(t, "list queues", err)
	return names
}

func claimID(href string) string { return href[strings.Index(href, "claim_id=")+len("claim_id="):] }

func messageID(href string) string { return path.Base(strings.SplitN(href, "?", 2)[0]) }

func TestLifeOfAQueue(t *testing.T) {
	project := "clients-" + random(t)
	client := connect(t, project)
	reader := connect(t, project)

	create := queues.CreateOpts{QueueName: queue, DefaultMessageTTL: 1000,
		Extra: map[string]interface{}{"colour": "red"}}
	check(t, "create", queues.Create(client, create).ExtractErr())
	create.QueueName = "parcels"
	check(t, "create", queues.Create(client, create).ExtractErr())
	expect(t, "queues", queueNames(t, client), []string{queue, "parcels"})
	details, err := queues.Get(client, queue).Extract()
	check(t, "get queue", err)
	expect(t, "default TTL", details.DefaultMessageTTL, 1000)
	expect(t, "metadata", details.Extra["colour"], "red")
	details, err = queues.Update(client, queue, queues.BatchUpdateOpts{
		{Op: queues.ReplaceOp, Path: "/metadata/colour", Value: "blue"}}).Extract()
	check(t, "update", err)
	expect(t, "metadata", details.Extra["colour"], "blue")

	posted, err := messages.Create(client, queue, numbered(0, 23)).Extract()
	check(t, "post", err)
	expect(t, "posted", len(posted.Resources), 23)
	one, err := messages.Get(client, queue, messageID(posted.Resources[7])).Extract()
	check(t, "get", err)
	expect(t, "body", number(one.Body), 7)
	two, err := messages.GetMessages(client, queue, messages.GetMessagesOpts{
		IDs: []string{messageID(posted.Resources[2]), messageID(posted.Resources[3])}}).Extract()
	check(t, "get many", err)
	expect(t, "get many", []int{number(two[0].Body), number(two[1].Body)}, []int{2, 3})

	numbers, sizes := listed(t, reader, messages.ListOpts{Limit: 10})
	expect(t, "listed", numbers, upTo(0, 23))
	expect(t, "pages", sizes, []int{10, 10, 3})
	numbers, _ = listed(t, client, messages.ListOpts{Limit: 4, Echo: true})
	expect(t, "listed with echo", numbers, upTo(0, 23))
	numbers, _ = listed(t, client, messages.ListOpts{Limit: 4})
	expect(t, "listed without echo", numbers, []int(nil))

	held, err := claims.Create(reader, queue, claims.CreateOpts{TTL: 100, Grace: 100, Limit: 3}).Extract()
	check(t, "claim", err)
	expect(t, "claimed", len(held), 3)
	id := claimID(held[0].Href)
	expect(t, "stats", stats(t, client), queues.Stats{Claimed: 3, Free: 20, Total: 23})
	check(t, "renew", claims.Update(reader, queue, id, claims.UpdateOpts{TTL: 200, Grace: 100}).ExtractErr())
	claim, err := claims.Get(reader, queue, id).Extract()
	check(t, "get claim", err)
	expect(t, "claim's TTL", claim.TTL, 200)
	expect(t, "claim's messages", len(claim.Messages), 3)
	check(t, "delete claimed", messages.Delete(reader, queue, messageID(held[0].Href),
		messages.DeleteOpts{ClaimID: id}).ExtractErr())
	check(t, "release", claims.Delete(reader, queue, id).ExtractErr())
	if _, err = claims.Get(reader, queue, id).Extract(); err == nil {
		t.Fatal("a released claim is still there")
	} else if _, missing := err.(gophercloud.ErrDefault404); !missing {
		t.Fatalf("a released claim: %v", err)
	}
	expect(t, "stats", stats(t, client), queues.Stats{Free: 22, Total: 22})

	popped, err := messages.PopMessages(client, queue, messages.PopMessagesOpts{Pop: 2}).Extract()
	check(t, "pop", err)
	expect(t, "popped", []int{number(popped[0].Body), number(popped[1].Body)}, []int{1, 2})
	check(t, "delete", messages.DeleteMessages(client, queue, messages.DeleteMessagesOpts{
		IDs: []string{messageID(posted.Resources[3])}}).ExtractErr())
	numbers, _ = listed(t, reader, messages.ListOpts{Limit: 20})
	expect(t, "listed after deletions", numbers, upTo(4, 23))

	check(t, "purge", queues.Purge(client, queue, queues.PurgeOpts{
		ResourceTypes: []queues.PurgeResource{queues.ResourceMessages}}).ExtractErr())
	expect(t, "stats", stats(t, client), queues.Stats{})
	check(t, "delete queue", queues.Delete(client, queue).ExtractErr())
	check(t, "delete queue", queues.Delete(client, "parcels").ExtractErr())
	expect(t, "queues", queueNames(t, client), []string{})
}
