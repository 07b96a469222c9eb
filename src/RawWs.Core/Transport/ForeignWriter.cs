using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>A writer of somebody else's, whose errors are those of a transport.</summary>
internal sealed class ForeignWriter(PipeWriter writer) : PipeWriter
{
    public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

    public override void Advance(int bytes) => writer.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<FlushResult> flush;
        try
        {
            flush = writer.FlushAsync(cancellationToken);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, cancellationToken))
        {
            return ValueTask.FromException<FlushResult>(ForeignPipeErrors.Translate(error));
        }

        // Most flushes are taken at once.
        return flush.IsCompletedSuccessfully ? flush : WaitAsync(flush, cancellationToken);
    }

    public override void CancelPendingFlush() => writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        try
        {
            writer.Complete(exception);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, CancellationToken.None))
        {
            throw ForeignPipeErrors.Translate(error);
        }
    }

    // A writer over a stream flushes with that.
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        try
        {
            await writer.CompleteAsync(exception).ConfigureAwait(false);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, CancellationToken.None))
        {
            throw ForeignPipeErrors.Translate(error);
        }
    }

    private static async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush, CancellationToken cancellationToken)
    {
        try
        {
            return await flush.ConfigureAwait(false);
        }
        catch (Exception error) when (ForeignPipeErrors.IsBroken(error, cancellationToken))
        {
            throw ForeignPipeErrors.Translate(error);
        }
    }
}
