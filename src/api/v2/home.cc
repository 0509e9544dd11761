#include <vector>

#include "api/home_document.h"
#include "api/v2/operations.h"

namespace marconi::api::v2 {

namespace {

std::vector<HomeResource> queue_resources() {
  return {
      {"rel/queues",
       "/v2/queues{?marker,limit,detailed}",
       {{"marker", "param/marker"}, {"limit", "param/queue_limit"}, {"detailed", "param/detailed"}},
       {"GET"}},
      {"rel/queue",
       "/v2/queues/{queue_name}",
       {{"queue_name", "param/queue_name"}},
       {"GET", "PUT", "DELETE", "PATCH"}},
      {"rel/queue_stats",
       "/v2/queues/{queue_name}/stats",
       {{"queue_name", "param/queue_name"}},
       {"GET"}},
      {"rel/queue_purge",
       "/v2/queues/{queue_name}/purge",
       {{"queue_name", "param/queue_name"}},
       {"POST"},
       true},
  };
}

std::vector<HomeResource> message_resources() {
  return {
      {"rel/messages",
       "/v2/queues/{queue_name}/messages{?marker,limit,echo,include_claimed}",
       {{"queue_name", "param/queue_name"},
        {"marker", "param/marker"},
        {"limit", "param/messages_limit"},
        {"echo", "param/echo"},
        {"include_claimed", "param/include_claimed"}},
       {"GET"}},
      {"rel/post_messages",
       "/v2/queues/{queue_name}/messages",
       {{"queue_name", "param/queue_name"}},
       {"POST"},
       true},
      {"rel/messages_delete",
       "/v2/queues/{queue_name}/messages{?ids,pop}",
       {{"queue_name", "param/queue_name"}, {"ids", "param/ids"}, {"pop", "param/pop"}},
       {"DELETE"}},
      {"rel/message_delete",
       "/v2/queues/{queue_name}/messages/{message_id}{?claim}",
       {{"queue_name", "param/queue_name"},
        {"message_id", "param/message_id"},
        {"claim", "param/claim_id"}},
       {"DELETE"}},
      {"rel/message_get",
       "/v2/queues/{queue_name}/messages/{message_id}",
       {{"queue_name", "param/queue_name"}, {"message_id", "param/message_id"}},
       {"GET"}},
  };
}

std::vector<HomeResource> claim_resources() {
  return {
      {"rel/claim",
       "/v2/queues/{queue_name}/claims/{claim_id}",
       {{"queue_name", "param/queue_name"}, {"claim_id", "param/claim_id"}},
       {"GET"}},
      {"rel/post_claim",
       "/v2/queues/{queue_name}/claims{?limit}",
       {{"queue_name", "param/queue_name"}, {"limit", "param/claim_limit"}},
       {"POST"},
       true},
      {"rel/patch_claim",
       "/v2/queues/{queue_name}/claims/{claim_id}",
       {{"queue_name", "param/queue_name"}, {"claim_id", "param/claim_id"}},
       {"PATCH"},
       true},
      {"rel/delete_claim",
       "/v2/queues/{queue_name}/claims/{claim_id}",
       {{"queue_name", "param/queue_name"}, {"claim_id", "param/claim_id"}},
       {"DELETE"}},
  };
}

/// Lists only what is there: neither share nor subscriptions, pools nor flavors.
std::string build_document(bool admin_mode) {
  std::vector<HomeResource> resources = queue_resources();
  for (auto& resource : message_resources()) resources.push_back(std::move(resource));
  for (auto& resource : claim_resources()) resources.push_back(std::move(resource));
  resources.push_back({"rel/ping", "/v2/ping", {}, {"GET"}});
  if (admin_mode) resources.push_back({"rel/health", "/v2/health", {}, {"GET"}, false, false});
  return home_document(resources);
}

}  // namespace

base::Result<Response> get_home(Exchange& exchange) {
  static const std::string kPlain = build_document(false);
  static const std::string kAdmin = build_document(true);
  return home_response(exchange.options.admin_mode ? kAdmin : kPlain);
}

}  // namespace marconi::api::v2
