// Writes down the requests that were answered.
#pragma once

#include "observability/log.h"
#include "transport/http/access_log.h"

namespace marconi::server {

/// Answers of 500 and above are always logged, as warnings; the others if `log_all`. Thread-safe.
class RequestLog final : public transport::http::AccessLog {
 public:
  RequestLog(observability::Logger logger, bool log_all) : logger_(logger), log_all_(log_all) {}

  void record(const transport::http::AccessEntry& entry) noexcept override;

 private:
  const observability::Logger logger_;
  const bool log_all_;
};

}  // namespace marconi::server
