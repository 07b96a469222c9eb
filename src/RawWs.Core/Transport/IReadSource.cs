using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>Where somebody reads who is called when a read that had to wait has ended: a task between the two would cost more than the reading.</summary>
internal interface IReadSource
{
    /// <summary>Reads what is there, or begins to wait. As with <see cref="PipeReader"/>, there is one read at a time, and each is followed by AdvanceTo.</summary>
    /// <param name="waiter">Is called once if the read has to wait, maybe before this returns.</param>
    /// <param name="result">What is there, if it did not have to wait.</param>
    /// <returns>Whether it is over already. Otherwise <see cref="EndRead"/> tells how it has ended, once <paramref name="waiter"/> has been called.</returns>
    /// <exception cref="IOException">The connection has failed.</exception>
    bool TryRead(IReadWaiter waiter, out ReadResult result);

    /// <summary>The result of a read that had to wait, and has ended. Called once for each.</summary>
    /// <exception cref="IOException">The connection has failed.</exception>
    ReadResult EndRead();
}
