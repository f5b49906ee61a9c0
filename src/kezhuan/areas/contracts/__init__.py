"""Registration of technology contracts (技术合同认定登记): prepared and checked here, registered outside, read back."""
