#include "server/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observability/memory_log.h"

namespace marconi::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

transport::http::AccessEntry entry(int status) {
  return {.request_id = "req-1",
          .peer = "10.0.0.1",
          .method = "GET",
          .target = "/v2/queues/orders?marker=secret",
          .status = status,
          .request_bytes = 100,
          .response_bytes = 200,
          .duration = std::chrono::microseconds(300)};
}

TEST(RequestLog, failures_are_always_logged) {
  observability::MemoryLog sink;
  RequestLog log({sink, "http"}, false);
  log.record(entry(503));
  EXPECT_THAT(sink.lines(),
              ElementsAre("warning http: a request failed peer=10.0.0.1 method=GET "
                          "path=/v2/queues/orders status=503 request_bytes=100 response_bytes=200 "
                          "micros=300 request_id=req-1"));
}

TEST(RequestLog, the_rest_is_logged_on_request) {
  observability::MemoryLog sink;
  RequestLog({sink, "http"}, false).record(entry(404));
  EXPECT_THAT(sink.lines(), IsEmpty());
  RequestLog({sink, "http"}, true).record(entry(404));
  EXPECT_THAT(sink.lines(), ElementsAre(HasSubstr("info http: request ")));
}

TEST(RequestLog, the_query_is_left_out) {
  observability::MemoryLog sink;
  RequestLog({sink, "http"}, true).record(entry(200));
  EXPECT_THAT(sink.lines(), ElementsAre(Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace marconi::server
