// A binary floating-point number of chosen precision: an owning handle on MPFR, for results that
// are irrational. Value semantics; a Real is used by one thread at a time. No exceptions: NaN and
// infinity mark failure.
#pragma once

#include <gmpxx.h>
#include <mpfr.h>

#include <string>
#include <utility>

namespace moerge::tools {

class Real {
 public:
  explicit Real(mpfr_prec_t precision) { mpfr_init2(value_, precision); }
  Real(const Real& other) {
    mpfr_init2(value_, mpfr_get_prec(other.value_));
    mpfr_set(value_, other.value_, MPFR_RNDN);
  }
  Real(Real&& other) noexcept : Real(MPFR_PREC_MIN) { mpfr_swap(value_, other.value_); }
  Real& operator=(Real other) noexcept {
    mpfr_swap(value_, other.value_);
    return *this;
  }
  ~Real() { mpfr_clear(value_); }

  [[nodiscard]] mpfr_ptr get() { return value_; }
  [[nodiscard]] mpfr_srcptr get() const { return value_; }
  [[nodiscard]] bool finite() const { return mpfr_number_p(value_) != 0; }

 private:
  mpfr_t value_;
};

}  // namespace moerge::tools
