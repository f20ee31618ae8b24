// What msde uses of LibTorch. <torch/torch.h> would bring data loaders, optimisers, scripts and every module
// besides, whose templates each file instantiates anew, precompiled or not: a third more time to compile.
#pragma once

// clang-format off
#include <torch/types.h>  // those below need it
// clang-format on
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/fft.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/utils.h>
#include <torch/version.h>
