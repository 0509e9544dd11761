#include "server/request_log.h"

#include <string_view>

namespace marconi::server {

void RequestLog::record(const transport::http::AccessEntry& entry) noexcept {
  const bool failed = entry.status >= 500;
  if (!failed && !log_all_) return;
  // The query stays out: it is long, and may name what the client would rather not see kept.
  const auto path = entry.target.substr(0, entry.target.find('?'));
  const observability::Logger::Fields fields = {{"peer", entry.peer},
                                                {"method", entry.method},
                                                {"path", path},
                                                {"status", entry.status},
                                                {"request_bytes", entry.request_bytes},
                                                {"response_bytes", entry.response_bytes},
                                                {"micros", entry.duration.count()}};
  const auto logger = logger_.for_request(entry.request_id);
  if (failed) {
    logger.warning("a request failed", fields);
  } else {
    logger.info("request", fields);
  }
}

}  // namespace marconi::server
