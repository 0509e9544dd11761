#include "churn.h"

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <utility>

#include "bodies.h"

namespace marconi::scale {

namespace {

constexpr std::size_t kIdLength = 36;

/// What one connection has posted and not deleted yet.
class Churner {
 public:
  Churner(const Contents& contents, std::uint64_t seed)
      : contents_(contents),
        target_(fmt::format("/v2/queues/{}/messages", contents.queue)),
        bodies_(contents.body, seed) {}

  void post(HttpClient& client, std::size_t count) {
    request_.clear();
    render({.method = "POST",
            .target = target_,
            .client = contents_.client,
            .body = bodies_.post(count, contents_.ttl)},
           request_);
    client.send(request_);
    posted_.push_back(ids_of(client.expect(201).body));
  }

  void delete_oldest(HttpClient& client) {
    const auto target = fmt::format("{}?ids={}", target_, posted_.front());
    posted_.pop_front();
    request_.clear();
    render({.method = "DELETE", .target = target, .client = contents_.client, .body = {}},
           request_);
    client.send(request_);
    client.expect(204);
  }

  [[nodiscard]] std::size_t backlog() const { return posted_.size(); }

 private:
  // The answer to a post lists the paths of the messages, which end with their ids.
  static std::string ids_of(std::string_view answer) {
    constexpr std::string_view kBefore = "/messages/";
    std::string ids;
    for (auto at = answer.find(kBefore); at != answer.npos; at = answer.find(kBefore, at + 1)) {
      if (!ids.empty()) ids += ',';
      ids += answer.substr(at + kBefore.size(), kIdLength);
    }
    return ids;
  }

  const Contents& contents_;
  std::string target_;
  Bodies bodies_;
  std::string request_;
  std::deque<std::string> posted_;
};

}  // namespace

void churn(const Bulk& bulk, const Contents& contents, std::size_t lag) {
  // The last parts of each connection are deleted after all have been posted.
  std::vector<std::shared_ptr<Churner>> churners(bulk.connections);
  run_bulk("messages posted and deleted", bulk, [&](unsigned number) -> Worker {
    auto churner = std::make_shared<Churner>(contents, number);
    churners[number] = churner;
    return [lag, churner](HttpClient& client, std::uint64_t begin, std::uint64_t end) {
      churner->post(client, end - begin);
      if (churner->backlog() > lag) churner->delete_oldest(client);
    };
  });
  HttpClient client(bulk.port);
  for (const auto& churner : churners) {
    while (churner->backlog() > 0) churner->delete_oldest(client);
  }
}

}  // namespace marconi::scale
