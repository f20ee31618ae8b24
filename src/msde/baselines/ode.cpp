#include "msde/baselines/ode.hpp"

#include <arkode/arkode_erkstep.h>
#include <cvode/cvode.h>
#include <fmt/format.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "msde/core/error.hpp"

namespace msde {
namespace {

// What the C callbacks see. An exception must not cross C: it waits here.
struct Problem {
  const OdeRate& rate;
  const OdeOptions& options;
  int64_t n;
  int64_t evaluations = 0;
  std::string reason = {};
  std::exception_ptr thrown = nullptr;
};

constexpr int retry = 1, give_up = -1;  // what a rate returns to SUNDIALS; retry: with a smaller step

int evaluate_rate(double t, N_Vector x, N_Vector dx, void* data) {
  auto* problem = static_cast<Problem*>(data);
  if (++problem->evaluations > problem->options.max_evaluations) {
    problem->reason = fmt::format("more than {} evaluations", problem->options.max_evaluations);
    return give_up;
  }
  try {
    problem->rate(t, N_VGetArrayPointer(x), N_VGetArrayPointer(dx));
  } catch (...) {
    problem->thrown = std::current_exception();
    return give_up;
  }
  const double* values = N_VGetArrayPointer(dx);
  const bool finite = std::all_of(values, values + problem->n, [](double v) { return std::isfinite(v); });
  return finite ? 0 : retry;
}

void say_nothing(int, const char*, const char*, char*, void*) {}  // the flag is reported, as an error

void require(bool good, const char* what) {
  if (!good) throw NumericsError(fmt::format("SUNDIALS: {} failed", what));
}

struct Context {
  Context() { require(SUNContext_Create(nullptr, &handle) == 0, "SUNContext_Create"); }
  ~Context() { SUNContext_Free(&handle); }
  Context(const Context&) = delete;
  SUNContext handle = nullptr;
};

struct Vector {
  Vector(int64_t n, double* values, const Context& context)
      : handle(N_VMake_Serial(n, values, context.handle)) {
    require(handle != nullptr, "N_VMake_Serial");
  }
  ~Vector() { N_VDestroy(handle); }
  Vector(const Vector&) = delete;
  N_Vector handle;
};

// advance(t, x) moves to time t and returns SUNDIALS' flag; `reached` is where it got to.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual int advance(double t, Vector& x) = 0;
  double reached = 0;
};

class Cvode : public Integrator {
 public:
  Cvode(Problem& problem, double t0, Vector& x, const Context& context)
      : memory_(CVodeCreate(CV_ADAMS, context.handle)),
        fixed_point_(SUNNonlinSol_FixedPoint(x.handle, 0, context.handle)) {
    const OdeOptions& o = problem.options;
    reached = t0;
    require(memory_ != nullptr && fixed_point_ != nullptr, "CVodeCreate");
    CVodeSetErrHandlerFn(memory_, say_nothing, nullptr);
    require(CVodeInit(memory_, evaluate_rate, t0, x.handle) == CV_SUCCESS, "CVodeInit");
    require(CVodeSStolerances(memory_, o.relative_tolerance, o.absolute_tolerance) == CV_SUCCESS,
            "tolerances");
    require(CVodeSetNonlinearSolver(memory_, fixed_point_) == CV_SUCCESS, "CVodeSetNonlinearSolver");
    CVodeSetUserData(memory_, &problem);
    CVodeSetMaxNumSteps(memory_, -1);  // evaluations are counted instead
  }
  ~Cvode() override {
    CVodeFree(&memory_);
    SUNNonlinSolFree(fixed_point_);
  }
  int advance(double t, Vector& x) override {
    const int flag = CVode(memory_, t, x.handle, &reached, CV_NORMAL);
    if (flag < 0) CVodeGetCurrentTime(memory_, &reached);
    return flag;
  }

 private:
  void* memory_;
  SUNNonlinearSolver fixed_point_;
};

class Erk : public Integrator {
 public:
  Erk(Problem& problem, double t0, Vector& x, const Context& context)
      : memory_(ERKStepCreate(evaluate_rate, t0, x.handle, context.handle)) {
    const OdeOptions& o = problem.options;
    reached = t0;
    require(memory_ != nullptr, "ERKStepCreate");
    ERKStepSetErrHandlerFn(memory_, say_nothing, nullptr);
    require(ERKStepSetTableNum(memory_, ARKODE_DORMAND_PRINCE_7_4_5) == ARK_SUCCESS, "ERKStepSetTableNum");
    require(ERKStepSStolerances(memory_, o.relative_tolerance, o.absolute_tolerance) == ARK_SUCCESS,
            "tolerances");
    ERKStepSetUserData(memory_, &problem);
    ERKStepSetMaxNumSteps(memory_, -1);
  }
  ~Erk() override { ERKStepFree(&memory_); }
  int advance(double t, Vector& x) override {
    const int flag = ERKStepEvolve(memory_, t, x.handle, &reached, ARK_NORMAL);
    if (flag < 0) ERKStepGetCurrentTime(memory_, &reached);
    return flag;
  }

 private:
  void* memory_;
};

std::unique_ptr<Integrator> make(Problem& problem, double t0, Vector& x, const Context& context) {
  if (problem.options.method == OdeMethod::adams) return std::make_unique<Cvode>(problem, t0, x, context);
  return std::make_unique<Erk>(problem, t0, x, context);
}

}  // namespace

OdeSolution integrate_ode(const OdeRate& rate, const torch::Tensor& initial, const OdeTimes& times,
                          const OdeOptions& options) {
  auto state = initial.to(torch::kDouble).contiguous().clone();
  Problem problem{.rate = rate, .options = options, .n = state.numel()};
  OdeSolution solution;
  solution.states = torch::empty({times.n_steps + 1, state.numel()}, torch::kDouble);
  solution.states[0].copy_(state);

  const Context context;  // outlives what was made with it
  Vector x(state.numel(), state.data_ptr<double>(), context);
  const auto integrator = make(problem, times.t0, x, context);
  const auto blow_up = [&](const std::string& why) {
    throw NumericsError(fmt::format("blow-up at t = {:.6g}: {}", integrator->reached, why));
  };
  for (int64_t i = 1; i <= times.n_steps; ++i) {
    const int flag = integrator->advance(times.t0 + times.dt * static_cast<double>(i), x);
    if (problem.thrown) std::rethrow_exception(problem.thrown);
    if (flag < 0) {
      blow_up(!problem.reason.empty() ? problem.reason
                                      : fmt::format("no step is small enough (SUNDIALS flag {})", flag));
    }
    const double norm = state.norm().item<double>();
    if (!(norm <= options.bound)) blow_up(fmt::format("the state has norm {:.3g}", norm));
    solution.states[i].copy_(state);
  }
  solution.evaluations = problem.evaluations;
  return solution;
}

}  // namespace msde
