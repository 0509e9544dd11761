#include "bulk.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "progress.h"

namespace marconi::scale {

void run_bulk(const std::string& what, const Bulk& bulk,
              const std::function<Worker(unsigned number)>& make_worker) {
  Progress progress(what, bulk.count);
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::exception_ptr> failures(bulk.connections);

  const auto run = [&](unsigned number) {
    try {
      HttpClient client(bulk.port);
      const auto worker = make_worker(number);
      for (std::uint64_t begin = 0; (begin = next.fetch_add(bulk.part)) < bulk.count;) {
        const auto end = std::min(begin + bulk.part, bulk.count);
        worker(client, begin, end);
        progress.add(end - begin);
      }
    } catch (const Failure&) {
      failures[number] = std::current_exception();
      next = bulk.count;
    }
  };

  std::vector<std::thread> threads;
  for (unsigned i = 0; i < bulk.connections; ++i) threads.emplace_back(run, i);
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace marconi::scale
