#include "siege/victims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "history/http_client.h"

namespace marconi::siege {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience(10'000);
constexpr std::uint32_t kFirstVictim = 0x7f010001;  // 127.1.0.1; attackers have other addresses
constexpr std::size_t kShownProblems = 3;

/// The target of the link to what comes next; empty if there is none.
std::string next_of(const std::string& page) {
  constexpr std::string_view kBefore = R"("href": ")";
  const std::size_t links = page.find(R"("links": [)");
  if (links == std::string::npos) return {};
  const std::size_t begin = page.find(kBefore, links);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + kBefore.size();
  return page.substr(from, page.find('"', from) - from);
}

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

void VictimsReport::add(const VictimsReport& other) {
  milliseconds.insert(milliseconds.end(), other.milliseconds.begin(), other.milliseconds.end());
  connections += other.connections;
  reconnections += other.reconnections;
  wrong += other.wrong;
  problems.insert(problems.end(), other.problems.begin(), other.problems.end());
  problems.resize(std::min(problems.size(), kShownProblems));
}

double VictimsReport::percentile(double share) const {
  if (milliseconds.empty()) return 0;
  std::vector<double> sorted = milliseconds;
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1;
  const auto at = sorted.begin() + std::max<std::ptrdiff_t>(rank, 0);
  std::ranges::nth_element(sorted, at);
  return *at;
}

class Victims::Victim {
 public:
  Victim(std::size_t number, std::uint16_t port)
      : number_(number),
        keeps_connection_(number % 4 != 3),
        client_(port, kPatience),
        messages_(fmt::format("/v2/queues/victim-{}/messages", number)),
        next_(messages_ + "?echo=true") {
    client_.connect_from(kFirstVictim + static_cast<std::uint32_t>(number));
  }

  VictimsReport work(steady_clock::time_point begin, steady_clock::time_point end) {
    report_ = {};
    // Not all at the same moment.
    auto due = begin + kPeriod * number_ / kCount;
    for (; due < end; due += kPeriod) {
      std::this_thread::sleep_until(due);
      if (posts_) {
        post();
      } else {
        list();
      }
      const std::chrono::duration<double, std::milli> took = steady_clock::now() - due;
      report_.milliseconds.push_back(took.count());
    }
    return std::move(report_);
  }

 private:
  std::string body() const {
    return fmt::format(R"({{"victim": {}, "number": {}}})", number_, sent_);
  }

  void post() {
    ++sent_;
    const auto answer = exchange(
        "POST", messages_, fmt::format(R"({{"messages": [{{"body": {}, "ttl": 300}}]}})", body()));
    if (answer && answer->status != 201) {
      wrong(fmt::format("a post was answered {}: {}", answer->status, answer->body));
    }
    posts_ = !answer || answer->status != 201;
  }

  void list() {
    posts_ = true;
    const auto answer = exchange("GET", next_, {});
    if (!answer) return;
    const std::string next = next_of(answer->body);
    if (answer->status != 200 || next.empty()) {
      wrong(fmt::format("a list was answered {}: {}", answer->status, answer->body));
      return;
    }
    next_ = next;
    if (occurrences(answer->body, R"("body": )") != 1 || !answer->body.contains(body())) {
      wrong(fmt::format("a list shows something else than {}: {}", body(), answer->body));
    }
  }

  std::optional<history::HttpResponse> exchange(std::string method, std::string target,
                                                std::string content) {
    const history::HttpRequest request{
        std::move(method),
        std::move(target),
        {{"Client-ID", "5c5d1e8e-1d0f-4f36-9f2b-6f6a3f0b7a01"}, {"X-Project-Id", "victims"}},
        std::move(content)};
    if (!connected_) ++report_.connections;
    auto answer = client_.exchange(request);
    if (!answer && connected_) {
      ++report_.connections;
      ++report_.reconnections;
      answer = client_.exchange(request);
    }
    if (!answer) wrong("a request was not answered");
    connected_ = keeps_connection_ && answer.has_value();
    if (!keeps_connection_) client_.disconnect();
    return answer;
  }

  void wrong(std::string problem) {
    ++report_.wrong;
    if (report_.problems.size() < kShownProblems) report_.problems.push_back(std::move(problem));
  }

  const std::size_t number_;
  const bool keeps_connection_;
  history::HttpClient client_;
  const std::string messages_;
  std::string next_;
  std::uint64_t sent_ = 0;
  bool posts_ = true;
  bool connected_ = false;
  VictimsReport report_;
};

Victims::Victims(std::uint16_t port) {
  for (std::size_t i = 0; i < kCount; ++i) victims_.push_back(std::make_unique<Victim>(i, port));
}

Victims::~Victims() = default;

VictimsReport Victims::work(milliseconds duration) {
  const auto begin = steady_clock::now();
  std::vector<VictimsReport> reports(victims_.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < victims_.size(); ++i) {
      threads.emplace_back([&, i] { reports[i] = victims_[i]->work(begin, begin + duration); });
    }
  }
  VictimsReport all;
  for (const VictimsReport& report : reports) all.add(report);
  return all;
}

}  // namespace marconi::siege
