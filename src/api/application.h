// The application: takes every request through the same checks, in the order that the interface
// prescribes, to the operation it asks for.
#pragma once

#include <string_view>

#include "api/exchange.h"
#include "api/handler.h"
#include "api/options.h"
#include "api/router.h"
#include "base/error.h"

namespace marconi::api {

/// Thread-safe: nothing changes after construction.
class Application final : public Handler {
 public:
  /// The services must outlive the application.
  Application(const Services& services, ApiOptions options);

  [[nodiscard]] std::uint64_t body_limit(std::string_view method,
                                         std::string_view target) const override;
  [[nodiscard]] std::uint64_t least_body_limit() const override;
  Response handle(const Request& request, base::Patience patience) override;
  [[nodiscard]] Response on_commit_failure(const Request& request) const override;
  [[nodiscard]] Response on_overload() const override;

 private:
  [[nodiscard]] Response answer(const Request& request, base::Call& call) const;
  [[nodiscard]] Response answer_on_route(const RouteMatch& match, Exchange& exchange) const;
  [[nodiscard]] base::Result<void> identify(const RouteMatch& match, Exchange& exchange) const;
  [[nodiscard]] Response dispatch(const Route& route, Exchange& exchange) const;

  [[nodiscard]] std::uint64_t bytes_of(BodyLimit limit) const;

  /// What holds for all answers, whatever became of the request.
  void finish(const Request& request, Response& response) const;

  const Services services_;
  const ApiOptions options_;
  const Router router_;
};

}  // namespace marconi::api
