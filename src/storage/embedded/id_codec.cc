#include "storage/embedded/id_codec.h"

#include <openssl/evp.h>

#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>

namespace marconi::storage::embedded {

namespace {

constexpr int kKindShift = 56;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

struct CipherDeleter {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};

std::uint64_t tagged(IdKind kind, QueueNumber queue) {
  return static_cast<std::uint64_t>(kind) << kKindShift | queue;
}

/// AES of whole blocks in one direction.
class Cipher {
 public:
  Cipher(const EVP_CIPHER& kind, const IdCodec::Key& key, bool encrypts)
      : context_(EVP_CIPHER_CTX_new()) {
    const bool done = context_ &&
                      EVP_CipherInit_ex2(context_.get(), &kind,
                                         reinterpret_cast<const unsigned char*>(key.data()),
                                         nullptr, encrypts ? 1 : 0, nullptr) == 1 &&
                      EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
    if (!done) throw std::bad_alloc();
  }

  /// `out` takes as many bytes as `in` has.
  void run(std::span<const unsigned char> in, unsigned char* out) {
    int written = 0;
    const std::scoped_lock lock(mutex_);
    const bool done = EVP_CipherUpdate(context_.get(), out, &written, in.data(),
                                       static_cast<int>(in.size())) == 1;
    // Only a lack of memory makes AES of whole blocks fail.
    if (!done) throw std::bad_alloc();
  }

 private:
  std::mutex mutex_;  // held for a fraction of what setting a context up for each call would take
  Context context_;
};

std::unique_ptr<EVP_CIPHER, CipherDeleter> fetch_aes() {
  std::unique_ptr<EVP_CIPHER, CipherDeleter> aes(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
  if (!aes) throw std::runtime_error("OpenSSL offers no AES-128");
  return aes;
}

}  // namespace

struct IdCodec::Impl {
  explicit Impl(const Key& key) : encryption(*aes, key, true), decryption(*aes, key, false) {}

  std::unique_ptr<EVP_CIPHER, CipherDeleter> aes = fetch_aes();
  Cipher encryption;
  Cipher decryption;
};

IdCodec::IdCodec(const Key& key) : impl_(std::make_unique<Impl>(key)) {}

IdCodec::~IdCodec() = default;

std::vector<base::Uuid> IdCodec::encode(IdKind kind, QueueNumber queue,
                                        std::span<const std::uint64_t> numbers) const {
  std::vector<unsigned char> plain;
  plain.reserve(numbers.size() * 16);
  for (const auto number : numbers) {
    const NumberKey<2> key{tagged(kind, queue), number};
    const std::string_view words = key;
    plain.insert(plain.end(), words.begin(), words.end());
  }
  std::vector<base::Uuid> ids(numbers.size());
  if (!ids.empty()) impl_->encryption.run(plain, reinterpret_cast<unsigned char*>(ids.data()));
  return ids;
}

base::Uuid IdCodec::encode(IdKind kind, QueueNumber queue, std::uint64_t number) const {
  return encode(kind, queue, std::span(&number, 1)).front();
}

std::optional<std::uint64_t> IdCodec::decode(IdKind kind, QueueNumber queue,
                                             std::string_view text) const {
  // Ids are compared as text: another spelling is another id.
  const auto uuid = base::Uuid::from_string(text);
  if (!uuid) return std::nullopt;
  std::array<unsigned char, 16> plain;
  impl_->decryption.run({reinterpret_cast<const unsigned char*>(uuid->bytes.data()), 16},
                        plain.data());
  const std::string_view words(reinterpret_cast<const char*>(plain.data()), plain.size());
  if (number_in(words, 0) != tagged(kind, queue)) return std::nullopt;
  return number_in(words, 8);
}

}  // namespace marconi::storage::embedded
