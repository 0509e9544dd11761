#include <array>

#include "api/home_document.h"
#include "api/v1/operations.h"

namespace marconi::api::v1 {

namespace {

std::string build_document() {
  const std::array<HomeResource, 7> resources = {{
      {"rel/queues",
       "/v1/queues{?marker,limit,detailed}",
       {{"marker", "param/marker"}, {"limit", "param/queue_limit"}, {"detailed", "param/detailed"}},
       {"GET"}},
      {"rel/queue",
       "/v1/queues/{queue_name}",
       {{"queue_name", "param/queue_name"}},
       {"GET", "HEAD", "PUT", "DELETE"}},
      {"rel/queue-metadata",
       "/v1/queues/{queue_name}/metadata",
       {{"queue_name", "param/queue_name"}},
       {"GET", "PUT"}},
      {"rel/queue-stats",
       "/v1/queues/{queue_name}/stats",
       {{"queue_name", "param/queue_name"}},
       {"GET"}},
      {"rel/messages",
       "/v1/queues/{queue_name}/messages{?marker,limit,echo,include_claimed}",
       {{"queue_name", "param/queue_name"},
        {"marker", "param/marker"},
        {"limit", "param/messages_limit"},
        {"echo", "param/echo"},
        {"include_claimed", "param/include_claimed"}},
       {"GET"}},
      {"rel/post-messages",
       "/v1/queues/{queue_name}/messages",
       {{"queue_name", "param/queue_name"}},
       {"POST"},
       true},
      {"rel/claim",
       "/v1/queues/{queue_name}/claims{?limit}",
       {{"queue_name", "param/queue_name"}, {"limit", "param/claim_limit"}},
       {"POST"},
       true},
  }};
  return home_document(resources);
}

}  // namespace

base::Result<Response> get_home(Exchange&) {
  static const std::string kDocument = build_document();
  return home_response(kDocument);
}

}  // namespace marconi::api::v1
