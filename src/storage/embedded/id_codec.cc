#include "storage/embedded/id_codec.h"

#include <openssl/evp.h>

#include <cstring>
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

}  // namespace

struct IdCodec::Impl {
  // Fetched once: looking an algorithm up is what OpenSSL 3 is slow at.
  std::unique_ptr<EVP_CIPHER, CipherDeleter> cipher{
      EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)};
  Key key;

  void run(bool encrypt, std::span<const unsigned char> in, unsigned char* out) const {
    const Context context(EVP_CIPHER_CTX_new());
    int written = 0;
    const bool done =
        context &&
        EVP_CipherInit_ex2(context.get(), cipher.get(),
                           reinterpret_cast<const unsigned char*>(key.data()), nullptr,
                           encrypt ? 1 : 0, nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
        EVP_CipherUpdate(context.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1;
    // Only a lack of memory makes AES of whole blocks fail.
    if (!done) throw std::bad_alloc();
  }
};

IdCodec::IdCodec(const Key& key) : impl_(std::make_unique<Impl>()) {
  if (!impl_->cipher) throw std::runtime_error("OpenSSL offers no AES-128");
  impl_->key = key;
}

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
  if (!ids.empty()) impl_->run(true, plain, reinterpret_cast<unsigned char*>(ids.data()));
  return ids;
}

base::Uuid IdCodec::encode(IdKind kind, QueueNumber queue, std::uint64_t number) const {
  return encode(kind, queue, std::span(&number, 1)).front();
}

std::optional<std::uint64_t> IdCodec::decode(IdKind kind, QueueNumber queue,
                                             std::string_view text) const {
  // Ids are compared as text: another spelling is another id.
  const auto uuid = base::Uuid::from_canonical(text);
  if (!uuid || uuid->to_string() != text) return std::nullopt;
  std::array<unsigned char, 16> plain;
  impl_->run(false, {reinterpret_cast<const unsigned char*>(uuid->bytes.data()), 16}, plain.data());
  const std::string_view words(reinterpret_cast<const char*>(plain.data()), plain.size());
  if (number_in(words, 0) != tagged(kind, queue)) return std::nullopt;
  return number_in(words, 8);
}

}  // namespace marconi::storage::embedded
