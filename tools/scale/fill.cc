#include "fill.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "bodies.h"

namespace marconi::scale {

namespace {

std::int64_t ttl_now(const Contents& contents) {
  if (contents.expire_at == 0) return contents.ttl;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return contents.expire_at - std::chrono::ceil<std::chrono::seconds>(now).count();
}

// A step through all numbers below a power of ten in an order that looks random.
constexpr std::uint64_t kStride = 618'033;

}  // namespace

void fill_queue(const Bulk& bulk, const Contents& contents) {
  const auto target = fmt::format("/v2/queues/{}/messages", contents.queue);
  run_bulk("messages into " + contents.queue, bulk, [&](unsigned number) -> Worker {
    auto bodies = std::make_shared<Bodies>(contents.body, number);
    return [&, bodies, request = std::string()](HttpClient& client, std::uint64_t begin,
                                                std::uint64_t end) mutable {
      request.clear();
      render({.method = "POST",
              .target = target,
              .client = contents.client,
              .body = bodies->post(end - begin, ttl_now(contents))},
             request);
      client.send(request);
      client.expect(201);
    };
  });
}

void fill_queues(const Bulk& bulk, const Contents& contents) {
  run_bulk("queues", bulk, [&](unsigned number) -> Worker {
    auto bodies = std::make_shared<Bodies>(contents.body, number);
    return [&, bodies, requests = std::string()](HttpClient& client, std::uint64_t begin,
                                                 std::uint64_t end) mutable {
      requests.clear();
      for (auto i = begin; i < end; ++i) {
        const auto target =
            fmt::format("/v2/queues/{}{:07}/messages", contents.queue, i * kStride % bulk.count);
        render({.method = "POST",
                .target = target,
                .client = contents.client,
                .body = bodies->post(1, contents.ttl)},
               requests);
      }
      client.send(requests);
      for (auto i = begin; i < end; ++i) client.expect(201);
    };
  });
}

}  // namespace marconi::scale
