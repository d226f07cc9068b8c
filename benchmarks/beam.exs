# The same scenarios on the BEAM: one line of JSON for the scenario that the command line names.
#
#     elixir benchmarks/beam.exs SCENARIO SIZE

defmodule Counter do
  use GenServer

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument)
  def init({wanted, owner}), do: {:ok, {0, wanted, owner}}
  def init(_), do: {:ok, {0, -1, nil}}

  def handle_cast(:add, {count, wanted, owner}) do
    if count + 1 == wanted, do: send(owner, :done)
    {:noreply, {count + 1, wanted, owner}}
  end

  def handle_call(:get, _from, state), do: {:reply, elem(state, 0), state}
end

defmodule Crasher do
  use GenServer

  def start_link(parent), do: GenServer.start_link(__MODULE__, parent, name: __MODULE__)

  def init(parent) do
    send(parent, :up)
    {:ok, parent}
  end

  # The clock starts where the others' does: in the handler that crashes.
  def handle_cast(:crash, parent) do
    send(parent, {:crashed_at, System.monotonic_time(:nanosecond)})
    exit(:crash)
  end

  def handle_cast(:come_back, parent) do
    send(parent, {:arrived_at, System.monotonic_time(:nanosecond)})
    {:noreply, parent}
  end
end

defmodule Benchmark do
  @block 100
  @calls 500
  @producers 100

  def run("cast", size) do
    {:ok, it} = Counter.start_link({size, self()})

    %{
      cast:
        per_second(size, fn ->
          for _ <- 1..size, do: GenServer.cast(it, :add)
          receive do: (:done -> :ok)
        end)
    }
  end

  def run("cast_async", _), do: %{}

  def run("fan_in", size) do
    {:ok, it} = Counter.start_link({size, self()})

    %{
      fan_in:
        per_second(size, fn ->
          for _ <- 1..@producers, do: spawn(fn -> for _ <- 1..div(size, @producers), do: GenServer.cast(it, :add) end)
          receive do: (:done -> :ok)
        end)
    }
  end

  def run("call", size) do
    {:ok, it} = Counter.start_link(0)

    blocks =
      for _ <- 1..max(1, div(size, @block)) do
        nanoseconds(fn -> for _ <- 1..@block, do: GenServer.call(it, :get) end) / @block
      end

    %{call: median(blocks) / 1000}
  end

  def run("flood", size) do
    {:ok, asked} = Counter.start_link(0)
    {:ok, flooded} = Counter.start_link(0)
    ask = fn -> nanoseconds(fn -> GenServer.call(asked, :get) end) end
    alone = for _ <- 1..@calls, do: ask.()
    for _ <- 1..size, do: send(flooded, {:"$gen_cast", :add})
    beside = for _ <- 1..@calls, Process.info(flooded, :message_queue_len) != {:message_queue_len, 0}, do: ask.()
    if beside == [], do: %{}, else: %{flood: median(beside) / median(alone)}
  end

  def run("start", size) do
    children = for number <- 1..size, do: %{id: number, start: {Counter, :start_link, [number]}}
    started("start", size, fn -> Supervisor.start_link(children, strategy: :one_for_one) end)
  end

  def run("start_dynamic", size) do
    {:ok, supervisor} = dynamic()

    started("start_dynamic", size, fn ->
      for number <- 1..size, do: {:ok, _} = DynamicSupervisor.start_child(supervisor, {Counter, number})
    end)
  end

  def run("spawn", size) do
    started("spawn", size, fn -> for number <- 1..size, do: {:ok, _} = GenServer.start(Counter, number) end)
  end

  def run("task", size) do
    {:ok, supervisor} = Task.Supervisor.start_link()

    taken =
      nanoseconds(fn ->
        tasks = for _ <- 1..size, do: Task.Supervisor.async(supervisor, fn -> :ok end)
        Task.await_many(tasks)
      end)

    %{task: taken / 1000 / size}
  end

  def run("restart", size) do
    children = [%{id: :it, start: {Crasher, :start_link, [self()]}}]
    {:ok, _} = Supervisor.start_link(children, strategy: :one_for_one, max_restarts: 1_000_000_000, max_seconds: 1)
    receive do: (:up -> :ok)

    taken =
      for _ <- 1..size do
        GenServer.cast(Crasher, :crash)
        began = receive do: ({:crashed_at, at} -> at)
        receive do: (:up -> :ok)
        GenServer.cast(Crasher, :come_back)
        receive do: ({:arrived_at, at} -> at - began)
      end

    %{restart: median(taken) / 1000}
  end

  def run("stop", size) do
    children = for number <- 1..size, do: %{id: number, start: {Counter, :start_link, [number]}}
    {:ok, supervisor} = Supervisor.start_link(children, strategy: :one_for_one)
    %{stop: nanoseconds(fn -> Supervisor.stop(supervisor) end) / 1.0e6 / size * 1_000}
  end

  def run("stop_dynamic", size) do
    {:ok, supervisor} = dynamic()
    for number <- 1..size, do: {:ok, _} = DynamicSupervisor.start_child(supervisor, {Counter, number})
    %{stop_dynamic: nanoseconds(fn -> DynamicSupervisor.stop(supervisor) end) / 1.0e6 / size * 10_000}
  end

  defp dynamic, do: DynamicSupervisor.start_link(strategy: :one_for_one, max_restarts: 1_000_000, max_seconds: 5)

  defp started(name, size, function) do
    before = :erlang.memory(:total)
    taken = nanoseconds(function)
    %{name => taken / 1000 / size, "#{name}_memory" => (:erlang.memory(:total) - before) / 1000 / size}
  end

  defp per_second(size, function), do: size / nanoseconds(function) * 1.0e9

  defp nanoseconds(function) do
    began = System.monotonic_time(:nanosecond)
    function.()
    System.monotonic_time(:nanosecond) - began
  end

  defp median(values), do: values |> Enum.sort() |> Enum.at(div(length(values), 2))
end

Logger.configure(level: :none)
[scenario, size] = System.argv()
figures = Benchmark.run(scenario, String.to_integer(size))
told = Enum.map_join(figures, ",", fn {name, value} -> ~s("#{name}":#{value}) end)
IO.puts(~s({"version":"#{System.version()}","figures":{#{told}}}))
