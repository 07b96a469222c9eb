using System.Runtime.CompilerServices;

namespace RawWs.Connections;

/// <summary>The range of policies.</summary>
internal static class SlowConsumerPolicyExtensions
{
    extension(SlowConsumerPolicy policy)
    {
        /// <returns>The policy, if it is one.</returns>
        /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
        public SlowConsumerPolicy Checked([CallerMemberName] string? name = null)
            => policy is >= SlowConsumerPolicy.Wait and <= SlowConsumerPolicy.Disconnect
                ? policy
                : throw new ArgumentOutOfRangeException(name, policy, $"{name} is one of {string.Join(", ", Enum.GetNames<SlowConsumerPolicy>())}.");
    }
}
